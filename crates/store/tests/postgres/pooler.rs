//! Behind a transaction-pooling PgBouncer: `statement_cache=0`, and more clients than it has connections.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use doorward_store::worker::sequencer;
use doorward_store::{CommitError, epoch, migration};

use crate::support::*;

#[tokio::test]
async fn everything_works_through_a_transaction_pooling_pgbouncer() {
    let Some(database) = Database::empty().await else { return };
    let Some(pooler) = Pooler::start(&database.address()).await else { return };
    let url = database.url_by(&pooler.address, "statement_cache=0&pool=12");
    let nodes = [open(&url), open(&url)];
    let (first, second) = tokio::join!(migration::up(&nodes[0], 0), migration::up(&nodes[1], 0));
    first.unwrap();
    second.unwrap();
    epoch::check(&nodes[0], 1).await.unwrap();
    nodes[0].commit(commit(vec![put("one")])).await.unwrap();

    let racers: Vec<_> = (0..48_u8)
        .map(|racer| {
            let node = nodes[usize::from(racer) % 2].clone();
            tokio::spawn(async move {
                let outcome =
                    node.commit(recorded(racer, vec![take("nobody", &format!("racer {racer}"))])).await;
                node.read_all(&[(&HOLDER, &[]), (&EVENTS, &[])]).await.unwrap();
                outcome
            })
        })
        .collect();
    let mut winners = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => winners += 1,
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => panic!("{fault}"),
        }
    }
    assert_eq!(winners, 1);
    assert_eq!(count(&nodes[1], &EVENTS).await, 1);
    assert_eq!(sequencer::run_once(&nodes[0]).await.unwrap(), 1);
}

/// A PgBouncer of the test's own, ended with this.
struct Pooler {
    address: String,
    folder: PathBuf,
    process: Child,
}

impl Pooler {
    async fn start(server: &str) -> Option<Self> {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
            .into_iter()
            .find(|path| PathBuf::from(path).exists());
        let Some(program) = program else {
            println!("needs pgbouncer (Debian's package of that name)");
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (host, server_port) = server.split_once(':').unwrap();
        let folder = std::env::temp_dir().join(format!("doorward-pooler-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let settings = folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={server_port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 4\nunix_socket_dir =\n"
        );
        std::fs::write(&settings, text).unwrap();
        let mut command = Command::new(program);
        // It refuses to run as root.
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.args(["-u", "nobody"]);
        }
        let process = command.arg(&settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let address = format!("127.0.0.1:{port}");
        let mut pooler = Self { address, folder, process };
        while std::net::TcpStream::connect(&pooler.address).is_err() {
            assert_eq!(pooler.process.try_wait().unwrap(), None, "pgbouncer did not start");
            tokio::task::yield_now().await;
        }
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}
