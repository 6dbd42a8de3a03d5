"""Judging what changed, and carrying what was decided to people."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from alerts import rule as rules
from alerts.channel import Channel, DeliveryError, Message
from alerts.incident import Incident
from alerts.silence import SourceHealth
from config.error import ConfigError, in_words
from config.principal import SYSTEM
from config.secret_key import SecretKeyError
from groundswell import plugins
from groundswell.bootstrap import House
from storage import judging, outbox, source_judging, status
from storage.declared import Catalogue
from storage.judging import Watch

_log: Final = structlog.get_logger("groundswell.alerting")


def watches(catalogue: Catalogue, *, invented: bool) -> tuple[Watch, ...]:
    """Return every enabled rule as it holds for each enabled brand."""
    every = tuple(channel.item.name for channel in catalogue.channels if channel.enabled)
    return tuple(
        Watch(
            brand_id=brand.id,
            brand=brand.item.name,
            rule=rule.item,
            channels=tuple(name for name in rule.item.channels if name in every) or every,
            invented=invented,
            own=brand.item.accounts,
        )
        for rule in catalogue.rules
        if rule.enabled
        for brand in catalogue.brands
        if brand.enabled and rule.item.brand in (None, brand.item.name)
    )


def judge_changed(house: House, catalogue: Catalogue, *, patience: timedelta = timedelta(0)) -> tuple[Incident, ...]:
    """Judge the brands whose series changed, `patience` ago at least; return the incidents that people are told of.

    Patience lets the batches of one visit be judged together: people are told once, not once a batch.
    """
    return _judge(house, catalogue, judging.changed_brands(house.db, until=house.clock() - patience))


def judge_standing(house: House, catalogue: Catalogue) -> tuple[Incident, ...]:
    """Judge the brands with a standing incident: time passes, and a wave may be over."""
    return _judge(house, catalogue, judging.standing_brands(house.db))


def _judge(house: House, catalogue: Catalogue, brands: frozenset[int]) -> tuple[Incident, ...]:
    if not brands:
        return ()
    all_watches = watches(catalogue, invented=house.sample)
    told: list[Incident] = []
    for brand_id in sorted(brands):
        told += judging.judge_brand(house.db, brand_id, all_watches, detect=rules.decide, now=house.clock())
    for incident in told:
        _log.info("incident", id=incident.id, brand=incident.brand, state=incident.state, severity=incident.severity)
    return tuple(told)


def judge_sources(house: House, catalogue: Catalogue, *, watched_since: datetime) -> None:
    """Judge which sources went silent or came back."""
    now = house.clock()
    channels = [channel.item.name for channel in catalogue.channels if channel.enabled]
    begun = {source.item.name: source.changed_at for source in catalogue.sources}
    for state in status.source_status(house.db, by=SYSTEM, now=now):
        if state.name not in begun:
            continue
        source = SourceHealth(
            name=state.name,
            every=state.every,
            last_success=state.last_success,
            failures=state.failures,
            last_error=state.last_error,
            enabled=state.is_on,
            first_seen=begun[state.name],
            permanent=state.last_error_permanent,
            watched_since=watched_since,
            rests_until=state.not_before,
        )
        source_judging.judge_silence(house.db, source, channels, invented=house.sample, now=now)


def judge_yields(house: House, catalogue: Catalogue) -> None:
    """Judge of which sources the site changed, so that less is found on it, or shows again what it used to."""
    channels = [channel.item.name for channel in catalogue.channels if channel.enabled]
    for source in catalogue.sources:
        source_judging.judge_yield(
            house.db,
            source.id,
            source.item.name,
            channels,
            enabled=source.enabled and not plugins.is_unconfirmed(source.item),
            since=source.changed_at,
            invented=house.sample,
            now=house.clock(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A channel that was built, and what it was built of: `options` hold the secrets themselves."""

    type: str
    options: Mapping[str, Any] = field(repr=False)
    channel: Channel


@dataclass(slots=True, kw_only=True)
class Postman:
    """Carries notifications, in several threads at a time.

    A channel is kept, as it may remember who has got what, until its options or one of its secrets change.
    """

    house: House
    owner: str
    chance: random.Random = field(default_factory=random.SystemRandom)
    kept: dict[str, Kept] = field(default_factory=dict)

    def claim(self, limit: int) -> Sequence[outbox.Claimed]:
        """Take at most `limit` notifications that are due."""
        return outbox.claim(self.house.db, owner=self.owner, now=self.house.clock(), limit=limit)

    def deliver(self, claimed: outbox.Claimed, catalogue: Catalogue) -> bool:
        """Send one notification and record what came of it; return whether it arrived."""
        name = claimed.delivery.channel
        try:
            self._send(claimed, catalogue)
        except DeliveryError as error:
            return self._failed(claimed, error)
        except (ConfigError, SecretKeyError) as error:
            return self._failed(claimed, DeliveryError(str(error), permanent=True))
        except Exception as error:  # noqa: BLE001 - the boundary of this delivery: a broken channel must not stop the others
            _log.exception("delivery.broken", channel=name)
            return self._failed(claimed, DeliveryError(f"the channel broke: {in_words(error)}", permanent=False))
        outbox.record_sent(self.house.db, claimed, now=self.house.clock())
        _log.info("delivery.sent", channel=name, incident=claimed.incident.id, attempt=claimed.delivery.attempts)
        return True

    def _send(self, claimed: outbox.Claimed, catalogue: Catalogue) -> None:
        delivery = claimed.delivery
        message = Message(
            event_id=delivery.id,
            kind=claimed.kind,
            incident=claimed.incident,
            link=incident_link(self.house, claimed.incident),
            locale=self.house.settings.locale,
            created_at=delivery.created_at,
            attempt=delivery.attempts,
        )
        self._channel(delivery.channel, catalogue).send(message)

    def _channel(self, name: str, catalogue: Catalogue) -> Channel:
        spec = next((one.item for one in catalogue.channels if one.enabled and one.item.name == name), None)
        if spec is None:
            raise DeliveryError(f"the channel {name!r} was removed or switched off", permanent=True)
        options = plugins.resolved(self.house, spec.options)
        kept = self.kept.get(name)
        if kept is None or (kept.type, kept.options) != (spec.type, options):
            kept = Kept(type=spec.type, options=options, channel=plugins.make_channel(self.house, spec, options))
            self.kept[name] = kept
        return kept.channel

    def _failed(self, claimed: outbox.Claimed, error: DeliveryError) -> bool:
        after = outbox.record_failure(self.house.db, claimed, error, now=self.house.clock(), chance=self.chance)
        _log.warning(
            "delivery.failed",
            channel=claimed.delivery.channel,
            incident=claimed.incident.id,
            attempt=claimed.delivery.attempts,
            state=after.state,
            error=str(error),
        )
        return False


def incident_link(house: House, incident: Incident) -> str:
    """Return the address of an incident's page."""
    return f"{house.settings.base_url}/incidents?incident={incident.id}"
