"""What each random number of a life decides; a number is never used again for another purpose."""

from __future__ import annotations

# occasion 0: what a woman is born with
DRAW_PLACE, DRAW_KEPT, START_AGE, SHARED, RESIDUAL, DENSITY, FERTILITY, STERILITY, WANTED = range(9)
ANTIPHOSPHOLIPID, UTERINE_ANOMALY, THYROID_ANTIBODIES, TRANSLOCATION = range(9, 13)
FIRST_PARTNER_GAP, FIRST_FADING, CARE_TAKEN, UTERINE_READING, BLOOD_READING = range(13, 18)

# occasion k: her k-th pregnancy, and the time before it; also partner and fading factor from then on
(
    CONCEPTION,
    NEW_PARTNER,
    PARTNER_GAP,
    FADING,
    CLASS,
    SURVIVAL,
    CAUSE,
    RECOGNITION,
    INDUCED_AT_ALL,
    INDUCED_WEEK,
    BLEEDING,
    SCAN_WEEK,
    BIRTH_WEEK,
    STILL,
    FADING_KEPT,
    GO_ON,
    WAIT,
    FADING_NEXT,
    TOLD,
    RETIMED,
    RETIMED_WEEK,
    INFECTION,
) = range(22)
