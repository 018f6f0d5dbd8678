"""The 360Giving codes for grants to individuals, with the plain words that we show for them.

Source: the 360Giving Data Standard 1.4, codelists grantToIndividualsReason and
grantToIndividualsPurpose (360Giving, CC BY 4.0). The words are ours.
"""

from __future__ import annotations

REASONS = {
    "GTIR010": "Not enough money",
    "GTIR020": "Disability",
    "GTIR030": "Illness or health",
    "GTIR040": "Mental health",
    "GTIR050": "A relationship ended",
    "GTIR060": "Violence or abuse",
    "GTIR070": "Work or lost work",
    "GTIR080": "No home, or at risk of losing it",
    "GTIR090": "Left out or treated unfairly",
    "GTIR100": "An emergency, like a flood or fire",
    "GTIR110": "A chance to learn or grow",
    "GTIR120": "Helping my community",
}

PURPOSES = {
    "GTIP010": "Anything, I will decide",
    "GTIP020": "Furniture, cooker, fridge or washing machine",
    "GTIP030": "Equipment or changes to my home",
    "GTIP040": "A phone, computer or internet",
    "GTIP050": "Gas, electric or water",
    "GTIP060": "Rent, a deposit or other housing costs",
    "GTIP070": "Food and things we need every day",
    "GTIP080": "Clothes or school uniform",
    "GTIP090": "Debt",
    "GTIP100": "Travel",
    "GTIP110": "A holiday or activity",
    "GTIP120": "Health, care or wellbeing",
    "GTIP130": "A course or training",
    "GTIP140": "Finding or starting work",
    "GTIP150": "Art, music or making things",
    "GTIP160": "Something for my community",
    "GTIP170": "Something unusual, like a funeral",
}
