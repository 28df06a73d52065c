use avstem_store::bulk::select::effects_between;

#[test]
fn a_text_that_somebody_wrote_as_an_id_stays_a_text() {
    assert_eq!(
        effects_between("a", "z' OR ''='", 9),
        "SELECT journal_id, connection, object, effect FROM effects \
         WHERE journal_id BETWEEN 'a' AND 'z'' OR ''''=''' ORDER BY journal_id LIMIT 9"
    );
}
