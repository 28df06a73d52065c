//! The connection to PostgreSQL breaks at a commit: nobody knows whether it was made, and nothing is lost
//! or done twice.

/// About a server, as `cluster::server` is.
mod server {
    use crate::saga::{Case, Right, Subscribers, assert_nothing_is_charged_any_more};
    use crate::sweep_driver::LEASE_OVER_S;
    use crate::world::{World, settle};
    use avstem::app::{App, Failure};
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::sync::{Arc, Mutex};

    const PATIENCE_MIN: i64 = 10;
    /// What a client says to end a transaction, as a message of its own.
    const COMMIT: &[u8] = b"COMMIT";

    #[derive(Debug, Clone, Copy)]
    enum Cut {
        /// The server never hears of the commit, and rolls back.
        BeforeTheServer,
        /// The server has committed, and the client never hears of it.
        BeforeTheClient,
    }

    /// What stands between a process and its database.
    #[derive(Default)]
    struct Wire {
        commits: usize,
        /// At which commit, counting from 0.
        cut: Option<(usize, Cut)>,
    }

    impl Wire {
        /// Whether this commit is the one.
        fn at_commit(&mut self) -> Option<Cut> {
            let number = self.commits;
            self.commits += 1;
            let (_, how) = self.cut.take_if(|(at, _)| *at == number)?;
            Some(how)
        }
    }

    /// Listens in the place of the server at `to`; the port.
    fn listen(wire: &Arc<Mutex<Wire>>, to: String) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::clone(wire);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&to).unwrap());
                let wire = Arc::clone(&wire);
                std::thread::spawn(move || carry(&client, &server, &wire));
            }
        });
        port
    }

    /// Carries bytes both ways until one side ends, or the wire is cut.
    fn carry(client: &TcpStream, server: &TcpStream, wire: &Arc<Mutex<Wire>>) {
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let end = |to: &TcpStream, from: &TcpStream| {
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        };
        let back = {
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                end(&to, &from);
            })
        };
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let mut piece = [0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let said = &piece[..length];
            let commits = said.windows(COMMIT.len()).any(|part| part == COMMIT);
            let cut = if commits {
                wire.lock().unwrap().at_commit()
            } else {
                None
            };
            match cut {
                Some(Cut::BeforeTheServer) => break,
                Some(Cut::BeforeTheClient) => {
                    let _ = client.shutdown(Shutdown::Both);
                    let _ = to.write_all(said);
                    // It is read to its end: a server whose client is gone may not get as far.
                    let _ = to.shutdown(Shutdown::Write);
                    break;
                }
                None => {
                    if to.write_all(said).is_err() {
                        break;
                    }
                }
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Write);
        back.join().unwrap();
    }

    /// One process goes on, whatever its database says, until the cancellation is at rest. Returns whether
    /// it had to begin again. A moment may go by before a pool knows that a connection is gone.
    fn carry_through(app: &App, world: &World, case: &Case) -> Went {
        let mut went = Went::Through;
        loop {
            match settle(app, world, &case.cancellation, PATIENCE_MIN) {
                Ok(_) => return went,
                Err(Failure::Store(_)) if went == Went::Through => {
                    went = Went::InTwoGoes;
                    world.pass_seconds(LEASE_OVER_S);
                }
                Err(Failure::Store(_)) => std::thread::yield_now(),
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Went {
        Through,
        InTwoGoes,
    }

    #[test]
    fn a_commit_whose_answer_is_lost_is_done_once_and_one_that_is_lost_is_done_again() {
        let world = World::postgres();
        let wire = Arc::new(Mutex::new(Wire::default()));
        let (before, after) = world.url.split_once("127.0.0.1:").unwrap();
        let (port, name) = after.split_once('/').unwrap();
        let ours = listen(&wire, format!("127.0.0.1:{port}"));
        let app = world.another_process_at(&format!("{before}127.0.0.1:{ours}/{name}"));
        let mut subscribers = Subscribers::in_the_second_month(&world);
        let mut ask = || Case::ask(&world, subscribers.next(), Right::LatestCharge);
        let mut cases = Vec::new();
        let mut commits = 0;
        // The first time it also looks whether there is a backlog.
        for _ in 0..2 {
            let case = ask();
            wire.lock().unwrap().commits = 0;
            assert_eq!(carry_through(&app, &world, &case), Went::Through);
            commits = wire.lock().unwrap().commits;
            cases.push(case);
        }
        assert!(commits >= 10, "{commits} commits");
        for number in 0..commits {
            for cut in [Cut::BeforeTheServer, Cut::BeforeTheClient] {
                let case = ask();
                *wire.lock().unwrap() = Wire {
                    commits: 0,
                    cut: Some((number, cut)),
                };
                let went = carry_through(&app, &world, &case);
                let when = format!("{cut:?} at commit {number} of {commits}");
                assert_eq!(went, Went::InTwoGoes, "{when}");
                world.deliver();
                carry_through(&world.app, &world, &case);
                case.assert_completed(&world, &when);
                cases.push(case);
            }
        }
        assert_nothing_is_charged_any_more(&world, &cases);
    }
}
