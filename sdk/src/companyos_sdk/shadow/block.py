"""The context manager: both sides are named in the block, and one call gives the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from companyos_sdk.shadow.api import Shadow

_Named = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side, which takes its own out of both sides' arguments."""

    side: Callable[..., Any]
    which: int

    def __call__(self, *both: tuple[tuple[Any, ...], dict[str, Any]]) -> Any:
        args, named = both[self.which]
        return self.side(*args, **named)


class Block:
    """Two sides of one call, each with arguments of its own.

    >>> with shadow.comparing(about) as run:
    ...     run.old(route, request)
    ...     run.new(new_route, request)
    ...     answer = run.answer()  # in asyncio: await run.answer_async()
    """

    def __init__(self, shadow: Shadow, about: Mapping[str, Any]) -> None:
        self._shadow, self._about = shadow, about
        self._sides: dict[str, _Named] = {}

    def old(self, side: Callable[..., Any], *args: Any, **named: Any) -> None:
        self._sides["old"] = (side, args, named)

    def new(self, side: Callable[..., Any], *args: Any, **named: Any) -> None:
        self._sides["new"] = (side, args, named)

    def answer(self) -> Any:
        """Run the side with authority. Raises what that side raises, and ValueError when a side was not named."""
        old, new = self._both()
        return self._shadow.call(_Side(old[0], 0), _Side(new[0], 1), old[1:], new[1:], about=self._about)

    async def answer_async(self) -> Any:
        """As `answer`, for coroutines."""
        old, new = self._both()
        return await self._shadow.acall(
            _Side(old[0], 0), _Side(new[0], 1), old[1:], new[1:], about=self._about
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do: sides without an answer do not run."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As `__exit__`."""

    def _both(self) -> tuple[_Named, _Named]:
        if len(self._sides) < 2:
            raise ValueError("a comparison has two sides: name both, with run.old(...) and run.new(...)")
        return self._sides["old"], self._sides["new"]
