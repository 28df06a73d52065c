//! What somebody with an SQL prompt could do to the books, and what the audit says of each.

/// What was done, in SQL, and the codes of all that the audit finds. `{first}`, `{second}` and `{last}`
/// are ids of sealed journals, `{unsealed}` and `{newest}` of those that are not sealed yet.
pub type Tampering = (&'static str, &'static str, &'static [&'static str]);

pub const AMOUNTS: &[Tampering] = &[
    (
        "one amount of a sealed journal",
        "UPDATE postings SET amount = amount + 1 WHERE journal_id = '{second}' AND line = 1",
        &["balance_differs", "hash_differs", "unbalanced"],
    ),
    (
        "one amount of a journal that is not sealed",
        "UPDATE postings SET amount = amount + 1 WHERE journal_id = '{newest}' AND line = 1",
        &["unbalanced"],
    ),
    (
        "an amount and its counter-postings",
        "UPDATE postings SET amount = amount * 2 WHERE journal_id = '{second}'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "a currency of all postings",
        "UPDATE postings SET currency = 'EUR' WHERE journal_id = '{second}'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "an account",
        "UPDATE postings SET account = 'assets:suspense' WHERE journal_id = '{second}' AND line = 1",
        &["balance_differs", "hash_differs"],
    ),
    (
        "an account that is none",
        "UPDATE postings SET account = 'income:gifts' WHERE journal_id = '{newest}' AND line = 1",
        &["unknown_account"],
    ),
    (
        "the order of lines",
        "UPDATE postings SET line = 10 - line WHERE journal_id = '{second}'",
        &["hash_differs"],
    ),
    (
        "a posting that is gone",
        "DELETE FROM postings WHERE journal_id = '{newest}' AND line = 1",
        &["unbalanced"],
    ),
    (
        "all postings that are gone",
        "DELETE FROM postings WHERE journal_id = '{newest}'",
        &["too_few_postings"],
    ),
    (
        "postings of no journal",
        "INSERT INTO postings VALUES ('avjrn_none', 1, 'assets:suspense', 5, 'SEK')",
        &["orphan_postings"],
    ),
];

pub const GONE: &[Tampering] = &[
    (
        "the last sealed journal",
        "{forget last}",
        &[
            "balance_differs",
            "effect_without_journal",
            "sealed_journal_missing",
        ],
    ),
    (
        "the last sealed journal and its effect",
        "{forget last}; DELETE FROM effects WHERE journal_id = '{last}'",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "the newest journal, before it was sealed",
        "{forget newest}",
        &["effect_without_journal"],
    ),
    (
        "a journal in the middle",
        "{forget second}; DELETE FROM effects WHERE journal_id = '{second}'",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "a journal in the middle and its seal",
        "{forget second}; DELETE FROM effects WHERE journal_id = '{second}'; DELETE FROM seals WHERE journal_id = '{second}'",
        &[
            "balance_differs",
            "hash_differs",
            "head_differs",
            "seals_broken",
        ],
    ),
    (
        "the first journal",
        "{forget first}; DELETE FROM effects WHERE journal_id = '{first}'",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "every journal",
        "DELETE FROM journals; DELETE FROM postings; DELETE FROM effects",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "every journal and seal",
        "DELETE FROM journals; DELETE FROM postings; DELETE FROM effects; DELETE FROM seals",
        &["balance_differs", "head_differs"],
    ),
];

pub const SWAPPED: &[Tampering] = &[
    (
        "the ids of two journals",
        "UPDATE journals SET id = 'x' WHERE id = '{first}'; UPDATE journals SET id = '{first}' WHERE id = '{last}'; \
         UPDATE journals SET id = '{last}' WHERE id = 'x'",
        &[
            "balance_differs",
            "effect_differs",
            "hash_differs",
            "seal_of_another",
        ],
    ),
    (
        "the ids of two journals that are not sealed",
        "UPDATE journals SET id = 'x' WHERE id = '{unsealed}'; UPDATE journals SET id = '{unsealed}' WHERE id = '{newest}'; \
         UPDATE journals SET id = '{newest}' WHERE id = 'x'",
        &["effect_differs"],
    ),
    (
        "the positions of two journals",
        "UPDATE journals SET position = -position WHERE id IN ('{first}', '{last}'); \
         UPDATE journals SET position = (SELECT position FROM seals WHERE journal_id = '{last}') WHERE id = '{first}'; \
         UPDATE journals SET position = (SELECT position FROM seals WHERE journal_id = '{first}') WHERE id = '{last}'",
        &["hash_differs", "seal_of_another"],
    ),
    (
        "the descriptions of two journals",
        "UPDATE journals SET description = (SELECT description FROM journals AS other WHERE other.id = '{last}') WHERE id = '{first}'; \
         UPDATE journals SET description = (SELECT description FROM kept_journals AS other WHERE other.id = '{first}') WHERE id = '{last}'",
        &["hash_differs"],
    ),
    (
        "the postings of two journals",
        "UPDATE postings SET journal_id = 'x' WHERE journal_id = '{first}'; \
         UPDATE postings SET journal_id = '{first}' WHERE journal_id = '{last}'; \
         UPDATE postings SET journal_id = '{last}' WHERE journal_id = 'x'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "the effects of two journals",
        "UPDATE effects SET journal_id = 'x' WHERE journal_id = '{first}'; \
         UPDATE effects SET journal_id = '{first}' WHERE journal_id = '{newest}'; \
         UPDATE effects SET journal_id = '{newest}' WHERE journal_id = 'x'",
        &["effect_differs"],
    ),
];

pub const TEXTS: &[Tampering] = &[
    (
        "a reference, sealed",
        "UPDATE journals SET reference = 'ch_other' WHERE id = '{second}'",
        &["effect_differs", "hash_differs"],
    ),
    (
        "a reference",
        "UPDATE journals SET reference = 'ch_other' WHERE id = '{newest}'",
        &["effect_differs"],
    ),
    (
        "a connection",
        "UPDATE journals SET connection = 'another' WHERE id = '{second}'",
        &["effect_differs"],
    ),
    (
        "a letter from one text to the next",
        "UPDATE journals SET reference = reference || substr(description, 1, 1), description = substr(description, 2) \
         WHERE id = '{second}'",
        &["effect_differs", "hash_differs"],
    ),
    (
        "a description",
        "UPDATE journals SET description = description || ' ' WHERE id = '{second}'",
        &["hash_differs"],
    ),
    (
        "a booked day",
        "UPDATE journals SET booked_on = '2020-01-01' WHERE id = '{second}'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "a time",
        "UPDATE journals SET occurred_at = occurred_at + 1 WHERE id = '{second}'",
        &["hash_differs"],
    ),
    (
        "a time of writing",
        "UPDATE journals SET recorded_at = recorded_at + 1 WHERE id = '{second}'",
        &["hash_differs"],
    ),
    (
        "an impossible time",
        "UPDATE journals SET occurred_at = -1 WHERE id = '{newest}'",
        &["unreadable_journal"],
    ),
];

pub const ADDED: &[Tampering] = &[
    (
        "a journal of no effect",
        "{add 900}",
        &["journal_without_effect"],
    ),
    (
        "a journal before all others",
        "{add -900}",
        &["journal_without_effect", "not_sealed"],
    ),
    (
        "a journal with an effect, before all others",
        "{add -900}; INSERT INTO effects VALUES ('stripe', 'r', 'e', '{added}', 1)",
        &["not_sealed"],
    ),
    (
        "an effect that is gone",
        "DELETE FROM effects WHERE journal_id = '{newest}'",
        &["journal_without_effect"],
    ),
    (
        "an effect without a journal",
        "INSERT INTO effects VALUES ('stripe', 'ch_1', 'charge_succeeded', 'avjrn_none', 1)",
        &["effect_without_journal"],
    ),
    (
        "an effect of another object",
        "UPDATE effects SET object = 'ch_other' WHERE journal_id = '{newest}'",
        &["effect_differs"],
    ),
];

pub const CHAIN: &[Tampering] = &[
    (
        "the hash of a seal",
        "UPDATE seals SET hash = (SELECT hash FROM chain_head) WHERE journal_id = '{second}'",
        &["hash_differs"],
    ),
    (
        "the hashes of two seals",
        "UPDATE seals SET hash = (SELECT hash FROM kept_seals AS other WHERE other.journal_id = '{last}') WHERE journal_id = '{first}'; \
         UPDATE seals SET hash = (SELECT hash FROM kept_seals AS other WHERE other.journal_id = '{first}') WHERE journal_id = '{last}'",
        &["hash_differs", "head_differs"],
    ),
    (
        "the last seal",
        "DELETE FROM seals WHERE journal_id = '{last}'",
        &["balance_differs", "head_differs", "not_sealed"],
    ),
    (
        "the last seal, with the head set back to fit",
        "DELETE FROM seals WHERE journal_id = '{last}'; UPDATE chain_head SET (count, position, hash) = \
         (SELECT seq, position, hash FROM seals ORDER BY seq DESC LIMIT 1)",
        &["balance_differs"],
    ),
    (
        "the whole chain, with a head at its beginning",
        "DELETE FROM seals; UPDATE chain_head SET count = 0, position = 0, \
         hash = '0000000000000000000000000000000000000000000000000000000000000000'",
        &["balance_differs"],
    ),
    (
        "the head's hash",
        "UPDATE chain_head SET hash = (SELECT hash FROM seals WHERE seq = 1)",
        &["head_differs"],
    ),
    (
        "the head's count",
        "UPDATE chain_head SET count = count + 1",
        &["head_differs"],
    ),
    ("the head", "DELETE FROM chain_head", &["head_missing"]),
    (
        "a cached balance",
        "UPDATE daily_balances SET amount = amount + 1 WHERE account = 'assets:provider:stripe'",
        &["balance_differs"],
    ),
    (
        "all cached balances",
        "DELETE FROM daily_balances",
        &["balance_differs"],
    ),
    (
        "a cached balance of nothing",
        "INSERT INTO daily_balances VALUES ('2026-11-22', 'assets:suspense', 'SEK', 1)",
        &["balance_differs"],
    ),
];
