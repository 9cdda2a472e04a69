"""What other people's clients send, read as our events: OTLP, PostHog, Segment, CloudEvents.

Every reader is pure: bytes and headers in; events, refusals and what the protocol wants answered out. Whatever
a body holds, a reader answers with events and refusals, or raises Unreadable or BodyRefused; never anything else.
"""
