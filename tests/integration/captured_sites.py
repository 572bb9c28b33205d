"""What every recorded gateway has to show.

The expected values are worked out by hand from the recorded bytes, by the rules
of the gateway's interface: an enabled meter's `activePower` and `actEnergyDlvd`;
consumption = production + import - export + discharge - charge; for a disabled
or absent meter the inverters. W and Wh; None: the sensor doesn't exist. Import
and export without a counter are worked out from power, and begin at 0.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a site has to show."""

    production_power: float
    production_energy: float
    consumption_power: float | None = None
    consumption_energy: float | None = None
    grid_power: float | None = None
    grid_import_energy: float | None = None
    grid_export_energy: float | None = None
    inverters: int = 0
    inverter_power: float = 0
    """The sum over the inverters."""
    read: str
    """The sections that must have been read, beside info."""


# 488.925 - 36.162; 3 183 793.885 + 3 738 205.282 - 1 776 768.769. The
# report was made by hand and belongs to another site.
_METERED = Expected(
    production_power=488.925,
    production_energy=3_183_793.885,
    consumption_power=452.763,
    consumption_energy=5_145_230.398,
    grid_power=-36.162,
    grid_import_energy=3_738_205.282,
    grid_export_energy=1_776_768.769,
    inverters=7,
    inverter_power=751,
    read="summary report inverter_reports inventory meters readings tariff",
)

# No /ivp/meters; three batteries at rest. 4556.139 - 765.064 + 0.
_AT_REST = Expected(
    production_power=4556.139,
    production_energy=19_230_313.461,
    consumption_power=3791.075,
    consumption_energy=27_629_799.104,
    grid_power=-765.064,
    grid_import_energy=0,
    grid_export_energy=0,
    inverters=22,
    inverter_power=4490,
    read="summary report inverter_reports inventory battery_power storage "
    "tariff dry_contacts contact_settings generator_config",
)

SITES: dict[str, Expected] = {
    # No meters: /api/v1/production. The HTML page is asked in vain.
    "3.17.3": Expected(
        production_power=5463,
        production_energy=93_706_280,
        inverters=41,
        inverter_power=5646,
        read="summary page inverter_reports",
    ),
    # Its inverters are closed to the user that recorded it.
    "3.9.36_bad_auth": Expected(
        production_power=0, production_energy=14_578_520, read="summary page"
    ),
    # The meter blocks count nothing: activeCount 0, whatever watts they show.
    "4.2.27": Expected(
        production_power=5894, production_energy=10_279_087, read="summary"
    ),
    # A production meter alone; the summary was copied from another site.
    "4.2.33": Expected(
        production_power=-8.8,
        production_energy=8_598_256.633,
        inverters=51,
        inverter_power=390,
        read="summary inverter_reports meters readings",
    ),
    "5.0.49": Expected(
        production_power=4859,
        production_energy=88_742_152,
        inverters=40,
        inverter_power=5305,
        read="summary inverter_reports",
    ),
    # No /ivp/meters: the report's meter blocks. 178.495 + 1214.696.
    "7.3.130": Expected(
        production_power=178.495,
        production_energy=3_659_506.105,
        consumption_power=1393.191,
        consumption_energy=10_154_380.825,
        grid_power=1214.696,
        grid_import_energy=0,
        grid_export_energy=0,
        inverters=12,
        inverter_power=159,
        read="summary report inverter_reports inventory",
    ),
    # Both meters disabled: the inverters' 751 W and their own (cut) counter.
    "7.3.466_metered_disabled_cts": Expected(
        production_power=751,
        production_energy=702_919,
        inverters=7,
        inverter_power=751,
        read="summary report inverter_reports inventory meters tariff",
    ),
    "7.3.466_with_cts_3phase": _METERED,
    "7.3.517": _AT_REST,
    "7.3.517_legacy_savings_mode": _AT_REST,
    # The report's 351 236 Wh are cut by one 2^32 J: the summary is right.
    "7.6.114_without_cts": Expected(
        production_power=586,
        production_energy=1_544_282,
        inverters=13,
        inverter_power=586,
        read="summary inverter_reports inventory",
    ),
    # Says it is metered and has no meter; the report is cut seven times.
    "7.6.175": Expected(
        production_power=3391,
        production_energy=8_717_473,
        inverters=13,
        inverter_power=3391,
        read="summary report inverter_reports inventory home",
    ),
    "7.6.175_with_cts": _METERED,
    # Night, a battery at rest. 522.043 - 0.661 + 0.
    "7.6.185_with_cts_and_battery_3t": Expected(
        production_power=-0.661,
        production_energy=2_432_969.956,
        consumption_power=521.382,
        consumption_energy=3_711_719.134,
        grid_power=522.043,
        grid_import_energy=2_404_339.266,
        grid_export_energy=1_125_590.088,
        inverters=5,
        inverter_power=0,
        read="summary report inverter_reports inventory meters readings "
        "battery_power storage "
        "tariff",
    ),
    # No /ivp/meters; two batteries give 24 + 16 W. 13 028.54 - 7812.457 + 40.
    "8.1.41": Expected(
        production_power=13_028.54,
        production_energy=1_510_198.655,
        consumption_power=5256.083,
        consumption_energy=1_757_943.133,
        grid_power=-7812.457,
        grid_import_energy=0,
        grid_export_energy=0,
        inverters=44,
        inverter_power=13_161,
        read="summary report inverter_reports inventory battery_power storage "
        "dry_contacts contact_settings",
    ),
    # A storage meter: 1714.424 + 129.407 - 2579.823; 3 165 834.272
    # + 4 998 251.825 - 253 960.783 + 2 274 358.602 - 2 971 414.344.
    "8.2.127_with_3cts_and_battery_split": Expected(
        production_power=1714.424,
        production_energy=3_165_834.272,
        consumption_power=-735.992,
        consumption_energy=7_213_069.572,
        grid_power=129.407,
        grid_import_energy=4_998_251.825,
        grid_export_energy=253_960.783,
        inverters=5,
        inverter_power=0,
        read="summary report inverter_reports inventory meters readings "
        "battery_power storage "
        "tariff dry_contacts contact_settings generator_config",
    ),
    # Disabled meters; the recording lists 2 of 38 inverters, the report sums all.
    "8.2.4264_metered_noct": Expected(
        production_power=5521,
        production_energy=32_465_106,
        inverters=2,
        inverter_power=336,
        read="summary report inverter_reports inventory meters tariff",
    ),
    "8.2.4345_with_device_data": Expected(
        production_power=807.326,
        production_energy=1_243_812.228,
        consumption_power=1006.56,
        consumption_energy=1_008_115.935,
        grid_power=199.234,
        grid_import_energy=648_203.353,
        grid_export_energy=883_899.646,
        inverters=15,
        inverter_power=2594.08,
        read="summary report inverter_reports inventory meters readings device_data "
        "tariff dry_contacts contact_settings generator_config",
    ),
    # An IQ Battery gives 105 W; the AC Batteries last reported 41 hours before.
    "8.2.4382_ACB": Expected(
        production_power=308.373,
        production_energy=19_213_421.296,
        consumption_power=435.913,
        consumption_energy=26_701_582.83,
        grid_power=22.54,
        grid_import_energy=14_153_292.251,
        grid_export_energy=6_665_130.717,
        inverters=17,
        inverter_power=180,
        read="summary report inverter_reports inventory meters readings "
        "battery_power storage "
        "tariff",
    ),
    # 0 + 3760.828 - 1297.667; 47 077.959 + 108 563.587 - 22 728.922
    # + 344.359 - 8052.959.
    "8.3.1598_collar": Expected(
        production_power=0,
        production_energy=47_077.959,
        consumption_power=2463.161,
        consumption_energy=125_204.024,
        grid_power=3760.828,
        grid_import_energy=108_563.587,
        grid_export_energy=22_728.922,
        inverters=17,
        inverter_power=0,
        read="summary report inverter_reports inventory meters readings "
        "battery_power storage home "
        "tariff generator_config",
    ),
    # Two batteries give 16 W each. 5235.674 - 4912.241 + 32.
    "8.3.5167_3rd-pv": Expected(
        production_power=5235.674,
        production_energy=569_122.622,
        consumption_power=355.433,
        consumption_energy=253_089.865,
        grid_power=-4912.241,
        grid_import_energy=99_056.453,
        grid_export_energy=415_089.21,
        inverters=12,
        inverter_power=3553.63,
        read="report inventory meters readings battery_power storage device_data "
        "tariff dry_contacts contact_settings",
    ),
    # AC Batteries take 939 J in 932 s and 938 J in 932 s: -2.014 W. In their
    # lives they gave 736 865 609 J and took 898 657 293 J.
    "8.3.5169_ACB_inventory": Expected(
        production_power=-3.982,
        production_energy=1_692_970.739,
        consumption_power=1409.638,
        consumption_energy=20_892_203.1,
        grid_power=1415.634,
        grid_import_energy=19_284_368.878,
        grid_export_energy=40_194.373,
        inverters=3,
        inverter_power=3,
        read="summary report inverter_reports inventory meters readings storage "
        "device_data home "
        "tariff units",
    ),
    "8.3.5169_with_generator": Expected(
        production_power=2891.863,
        production_energy=11_567_966.148,
        consumption_power=3052.353,
        consumption_energy=27_294_309.855,
        grid_power=160.49,
        grid_import_energy=18_999_526.477,
        grid_export_energy=3_273_182.77,
        inverters=20,
        inverter_power=2680.47,
        read="summary report inverter_reports inventory meters readings device_data "
        "home "
        "tariff units dry_contacts contact_settings generator_config generator "
        "generator_mode",
    ),
    # The net meter is disabled: neither grid nor consumption.
    "8.3.5289_modGone": Expected(
        production_power=1634.739,
        production_energy=10_251_324.057,
        inverters=12,
        inverter_power=1497.73,
        read="summary inverter_reports inventory meters readings device_data home "
        "tariff",
    ),
}
