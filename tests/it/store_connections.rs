//! Connections that wait to be used.

/// About a server, as `cluster::server` is.
mod server {
    use crate::cluster;
    use crate::store_tables::read;
    use crate::world::World;

    /// A server that is begun anew, or a proxy between, closes what nobody uses. Nobody hears of it at the time: each
    /// connection is driven by who uses it.
    #[test]
    fn one_that_the_server_closed_meanwhile_is_not_used() {
        let world = World::postgres();
        let head = |tx: &mut avstem::store::ReadTx<'_>| Ok(tx.chain_head()?);
        let before = read(&world, head);
        let close = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let closed = cluster::shared().run_sql(&world.url, close).unwrap();
        assert!(
            closed.contains(|digit| ('1'..='9').contains(&digit)),
            "{closed}"
        );
        assert_eq!(read(&world, head), before);
    }
}
