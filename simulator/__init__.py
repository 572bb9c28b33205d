"""A pretend Enphase gateway and cloud over real HTTPS, for tests, demo and benchmarks.

Written from the reference alone; it shares no code with the integration.

    from simulator import Account, Fault, Plant, Scenario, SCENARIOS, Simulator

    async with Simulator("home") as sim:              # or a Scenario object
    async with Simulator(capture=folder) as sim:      # replay of a recorded gateway
        sim.gateway.host        "127.0.0.1:PORT"      what a user types as host
        sim.gateway.url         "https://127.0.0.1:PORT" (http for firmware below 7)
        sim.gateway.fingerprint SHA-256 of the certificate, hex; None with http
        sim.cloud.url           base URL for ENLIGHTEN_URL and ENTREZ_URL alike
        sim.cloud.ca_pem        CA of the cloud's certificate (PEM bytes)
        sim.cloud.trust(ssl_context)   lets a client context accept it
        sim.user, sim.password, sim.serial
        sim.account             the demo user's Account (see below)
        sim.token(role="owner", lifetime=None)        a manual token; negative = expired
        sim.plant               Plant, None with a capture
        sim.inverters           Inverters, None with a capture: .present, .add(serial,
                                at=epoch), .remove(serial)
        sim.equipment           Equipment, None with a capture (see below)

Keyword arguments of Simulator: scenario ("home", "three_phase", "unmetered", "large",
"legacy", "storage", or a Scenario), capture, latency ("none", "fast", "slow"),
timezone (of the plant), user, password, cloud_tls (False: plain http), clock (default:
time.time, looked up at each call, so a frozen clock works).
`await sim.start(port=, cloud_port=)` and `await sim.stop()` do the same as the context
manager.

Gateway, while it runs:

    gateway.faults.add(Fault.error("/ivp/meters/readings", 503, times=2))
    gateway.faults.clear()            or clear(path)
        Fault.error(path, status)     401, 403, 404, 500, 502, 503 (boot text), 504
        Fault.html(path)              200 with an HTML page
        Fault.raw(path, b"...")       any bytes
        Fault.truncated(path)         half of the real answer (keep_bytes=)
        Fault.empty(path)             200, no body
        Fault.slow(path, seconds)     the right answer, later
        Fault.hang(path)              no answer
        Fault.reset(path)             connection aborted before the answer; inside the
                                      body with keep_bytes=
        path: exact ("/info"; with "?details=1" only that query), "/ivp/*" = prefix,
        "*" = all; times=None lasts until cleared
    gateway.latency.set("/production.json", 30.0)   seconds for one path; .reset()
    gateway.latency.profile = "slow"
    gateway.forget_sessions()         cookies answer 401
    gateway.revoke_tokens()           every token issued so far is refused
    gateway.refuse_cookie = True      only Bearer works
    gateway.refuse_bearer = True      Bearer works at check_jwt only
    gateway.forbidden_status = 403    for a role that is too low (default 401)
    gateway.booting = True            503 everywhere
    await gateway.go_away(), await gateway.come_back()     port closed, same port again
    gateway.drop_connections()
    gateway.renew_certificate()       another certificate, same port; new fingerprint
    gateway.become_other(serial)      another gateway at this address
    gateway.requests                  log: len(), [i], iteration, .to(path), .clear(),
                                      .max_in_flight["native" | "ruby" | "stream"];
                                      entries have time, method, path, query, family,
                                      has_cookie, has_authorization, in_flight, status,
                                      abandoned, is_open; a stream that waits is idle
    gateway.local_users               Digest users of firmware below 7 (user: password)

Live power (`/stream/meter`; needs meters, and the role installer from firmware 7.6
until 8.3). Faults of that path meet the next request for a stream; `truncated` and
`reset` end it after keep_bytes. Frames are due by the event loop's clock:

    gateway.stream.pattern = "steady" or "bursts" as D8.3.6086 (silences of 3 to 13 s,
                                      then up to 8 frames in 30 ms, none lost), or
                                      "buffered" as D7.0.88 (16 KiB at once); from the
                                      next stream on, like .seed and .interval (1.0 s)
    gateway.stream.stalled = True     open but silent
    gateway.stream.line_end           CRLF; may be LF
    gateway.stream.comments = True    a comment between the frames
    gateway.stream.cut_randomly(seed) pieces cut at any byte; .cut = None ends that
    gateway.stream.leave_out = frozenset({"production"})   sections that are not sent
    gateway.stream.say(b"...")        any bytes to those who listen now
    gateway.stream.reset(), .end(), .end_with_401(times=1)   aborted; closed; closed and
                                      the next request refused
    gateway.stream.end_on_session_end = True   with forget_sessions() and the like
    gateway.stream.on_frame = f       called with epoch and frame (a dict) as it is sent
    gateway.stream.open_streams, .most_streams, .connects, .frames_sent

    gateway.livedata.enabled          `sc_stream`; off at first, 15 minutes after a POST
                                      (.lasts, None: never), and after a restart
    gateway.livedata.moves_when_disabled = True   refreshed every 5 s while it is off
    gateway.livedata.is_frozen = True the numbers stand still though it is on
    gateway.livedata.refuse_enable = 401          the POST is refused; .posts counts
    gateway.livedata.by_phase = False totals only, as early firmware
    Metering(disabled=("production",))            a CT that is switched off, but noisy

Equipment, while it runs (the scenario "storage" has all of it from the start):

    equipment.add("battery")          -> Unit; serial= (else one of its own), at= (epoch
                                      from which an AC Battery counts). Kinds: battery,
                                      controller, collar, combiner, rgm (both of a C6
                                      combiner), ac_battery, relay (IQ relay)
    equipment.remove(serial)          batteries and switches are gone; AC Batteries and
                                      relays stay in device_data as not active
    equipment.of(kind), equipment[serial]          what is installed now
        unit.communicating, .capacity
        unit.says = {"temperature": 31}   fields of its row in the inventory (that of
                                      /inventory for AC Batteries and relays) that
                                      replace or add to what it says
    equipment.generator = True        gen_config, gen_mode, gen_schedule and state
    equipment.generator_command       "on", "off", "auto"
    equipment.grid_state              "on_grid", "off_grid", "generator": relay, grid
                                      modes, controller, collar, generator, live data
    equipment.contacts["NC1"]         .closed, .settings (a dict as on the wire)
    equipment.tariff                  .mode, .charges_from_grid, .follows_schedule,
                                      .rate, .sell, .seasons = "none" (a single rate),
                                      "one", "two" (with weekends, and export prices)
    equipment.configured_reserve, .adjusted_reserve   in %; None = as configured
    equipment.network                 .reaches_cloud, .primary ("ethernet", "wifi",
                                      "cellular"), .strength
    equipment.cts["evse"] = Ct(power=-600.0, since=epoch)   a CT beside those of the
                                      scenario (storage, backfeed, load, evse, pv3p),
                                      with .enabled; `del` takes it away
    equipment.status_flags["net-consumption"] = ("production-imbalance",)
    equipment.metering_status["production"] = "check-wiring"

The plant knows nothing of changes: its IQ Batteries' power is shared by those that are
there (all at its level; where it has none, they rest at 50 %), the meters do not
feel AC Batteries, and an outage does not stop the import.

Cloud, while it runs: `cloud.faults`, `cloud.requests`, `go_away()`, `come_back()` as
above; `cloud.accounts[email]` -> Account with password, serials, role, token_lifetime,
second_factor, locked_out ("401", "blocked", "page"); `cloud.add_account(Account(...))`;
`cloud.entrez_auth_token_broken`, `cloud.tokens_broken` (406); `cloud.token_serial`
(tokens name this serial instead); `cloud.token_text` (200 with this text as token);
`cloud.refused_agent` (406 for a User-Agent that contains it, e.g. "HomeAssistant").

Plant (deterministic, any instant, epoch seconds):

    plant.power(at)     -> PlantPower     production, consumption, grid (+ import),
                                          battery (+ discharge), grid_phases in W;
                                          soc 0 to 1 (None without batteries)
    plant.counters(at)  -> PlantCounters  production, consumption, grid_import,
                                          grid_export, battery_charge,
                                          battery_discharge, import_phases,
                                          export_phases, in Wh since commissioning
    plant.midnight(at, days_back=0)       epoch of the plant's local midnight
    plant.zone                            its ZoneInfo
    consumption = production + import - export + discharge - charge, at any time.
"""

from __future__ import annotations

from .cloud import Account, Cloud
from .equipment import Ct, Equipment
from .faults import Fault, Faults
from .gateway import Gateway
from .inverters import Inverters
from .plant import Plant, PlantCounters, PlantPower
from .replay import Recording
from .requestlog import LoggedRequest, RequestLog
from .runner import Simulator
from .scenarios import SCENARIOS, Scenario
from .tokens import TokenIssuer

__all__ = [
    "SCENARIOS",
    "Account",
    "Cloud",
    "Ct",
    "Equipment",
    "Fault",
    "Faults",
    "Gateway",
    "Inverters",
    "LoggedRequest",
    "Plant",
    "PlantCounters",
    "PlantPower",
    "Recording",
    "RequestLog",
    "Scenario",
    "Simulator",
    "TokenIssuer",
]
