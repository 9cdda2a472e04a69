// Sends a few events to the edge with the real clients. usage: node send.mjs posthog|posthog-v1|segment URL KEY
import { PostHog } from "posthog-node";
import { Analytics } from "@segment/analytics-node";

const [client, url, key] = process.argv.slice(2);
const problems = [];

async function posthog() {
  const hog = new PostHog(key, { host: url, flushAt: 100, flushInterval: 60_000, fetchRetryCount: 0 });
  hog.on("error", (problem) => problems.push(String(problem)));
  hog.capture({ distinctId: "bob", event: "Order Completed", properties: { amount: 7.5 }, groups: { tenant: "sales" } });
  hog.capture({
    distinctId: "bob",
    event: "$feature_flag_called",
    properties: { $feature_flag: "approvals.unified", $feature_flag_response: true, $groups: { tenant: "sales" } },
  });
  hog.capture({
    distinctId: "bob",
    event: "survey sent",
    properties: { $survey_id: "csat-1", $survey_response: "4", $groups: { tenant: "sales" } },
  });
  await hog.shutdown(10_000);
}

async function segment() {
  const analytics = new Analytics({ writeKey: key, host: url, maxRetries: 0, flushInterval: 60_000 });
  analytics.on("error", (problem) => problems.push(JSON.stringify(problem)));
  analytics.identify({ userId: "bob", traits: { plan: "gold" } });
  analytics.track({ userId: "bob", event: "Order Completed", properties: { amount: 7.5, tenant: "sales" } });
  analytics.page({ userId: "bob", name: "Home" });
  analytics.group({ userId: "bob", groupId: "sales" });
  await analytics.closeAndFlush({ timeout: 10_000 });
}

await (client === "segment" ? segment() : posthog());
if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}
