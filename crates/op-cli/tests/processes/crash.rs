//! Servers killed in the middle of a write: it stands as a whole or not at all, and what was acknowledged stands.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use op_protocol::rest::{ItemPatch, ItemResponse, ItemState};
use op_testkit::postgres::{Durability, Postgres};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::gate::Gate;
use crate::server::{Data, Server};
use crate::support::{Client, new_item, next, random};
use crate::writes::Write;

/// The system calls by which SQLite changes files, and those by which answers leave.
const FILE_CALLS: &str = "lseek,pwrite64,fdatasync,fsync,ftruncate,unlink";
const ANSWER_CALLS: &str = "sendto,sendmsg,writev";

/// Sends it; whether the server acknowledged it before it died.
async fn send(write: &impl Write, client: &Client) -> bool {
    let (method, path, body) = write.request();
    match client.request(method, &path, body.as_ref()).send().await {
        Ok(answer) => {
            assert_eq!(answer.status(), 200);
            true
        }
        Err(_) => false,
    }
}

/// Sends a write as often as it has steps, and has the server killed one step later each time.
async fn walk<W: Write>(data: Data<'_>, interrupted: impl AsyncFn(&Server, u32, &W, &Client) -> bool) -> Walked {
    let mut server = Server::start(data, &[]);
    let mut team = server.team().await;
    let mut walked = Walked::default();
    for step in 1.. {
        let write = W::prepare(&team).await;
        let acknowledged = interrupted(&server, step, &write, &team.owner).await;
        server.kill();
        server = Server::start(data, &[]);
        team.owner.base.clone_from(&server.url);
        let stands = write.stands(&team.owner).await;
        assert!(stands || !acknowledged, "an acknowledged write is lost at step {step}");
        if acknowledged {
            break;
        }
        if stands {
            walked.stood += 1;
        } else {
            walked.undone += 1;
            assert!(send(&write, &team.owner).await && write.stands(&team.owner).await, "it cannot be repeated");
        }
    }
    walked
}

/// How the steps before the one that was acknowledged ended.
#[derive(Default, Debug)]
struct Walked {
    undone: u32,
    stood: u32,
}

/// The write while strace kills the server at the n-th of these system calls of one of its threads.
async fn killed_at_call(calls: &str, server: &Server, step: u32, write: &impl Write, client: &Client) -> bool {
    let tracer = Tracer::attach(server.process_id(), &format!("inject={calls}:signal=SIGKILL:when={step}"));
    let acknowledged = send(write, client).await;
    drop(tracer);
    acknowledged
}

/// strace on a process, for as long as this lives.
struct Tracer(Child);

impl Tracer {
    fn attach(process: u32, inject: &str) -> Self {
        let mut strace = Command::new("strace")
            .args(["-f", "-o", "/dev/null", "-p", &process.to_string(), "-e", inject])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace is needed to kill a server at a system call (Debian: apt-get install strace)");
        let mut lines = BufReader::new(strace.stderr.take().unwrap()).lines();
        let said = lines.next().map(|line| line.unwrap()).unwrap_or_default();
        assert!(said.contains("attached"), "strace may not trace here: {said}");
        std::thread::spawn(move || lines.for_each(drop));
        Self(strace)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // The kernel lets the traced process go on. Told to end, strace would wait for a process that is dying.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first steps are to be killed before the answer to COMMIT; it can be that of the server's counts that is met.
const COMMITS: u32 = 3;

/// The write while the server is killed after so many messages to PostgreSQL, before or after the last one's answer.
async fn killed_at_gate(gate: &Gate, server: &Server, step: u32, write: &impl Write, client: &Client) -> bool {
    match step.checked_sub(COMMITS) {
        None | Some(0) => gate.close_after_commit(),
        Some(step) => gate.close_after(i64::from(step.div_ceil(2)), step % 2 == 1),
    }
    let acknowledged = tokio::select! {
        acknowledged = send(write, client) => acknowledged,
        () = gate.closed() => false,
    };
    assert!(Command::new("kill").args(["-9", &server.process_id().to_string()]).status().unwrap().success());
    gate.open();
    acknowledged
}

async fn walk_in_sqlite<W: Write>() {
    for (calls, stands) in [(FILE_CALLS, false), (ANSWER_CALLS, true)] {
        let folder = TempDir::new().unwrap();
        let data = Data { folder: folder.path(), database: None };
        let interrupted = async |server: &Server, step, write: &W, client: &Client| {
            killed_at_call(calls, server, step, write, client).await
        };
        let walked = walk(data, interrupted).await;
        println!("SQLite, {}, {calls}: {walked:?}", std::any::type_name::<W>());
        assert!(if stands { walked.stood > 0 } else { walked.undone > 5 }, "{walked:?}");
    }
}

async fn walk_in_postgres<W: Write>() {
    let postgres = Postgres::start(Durability::None).await;
    let gate = Gate::start(postgres.socket()).await;
    let database = postgres.new_database().await;
    let (_, name) = database.rsplit_once('/').unwrap();
    let database = format!("postgres://opwire@127.0.0.1:{}/{name}", gate.port());
    let folder = TempDir::new().unwrap();
    let data = Data { folder: folder.path(), database: Some(&database) };
    let interrupted = async |server: &Server, step, write: &W, client: &Client| {
        killed_at_gate(&gate, server, step, write, client).await
    };
    let walked = walk(data, interrupted).await;
    println!("PostgreSQL, {}: {walked:?}", std::any::type_name::<W>());
    assert!(walked.undone > 10 && walked.stood > 0, "{walked:?}");
}

macro_rules! killed_at_any_step {
    ($($name:ident: $write:ty),*) => {
        mod is_whole_or_undone_in_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::walk_in_sqlite::<$write>().await;
            })*
        }
        // The gate passes messages while the test waits for a server to start.
        mod is_whole_or_undone_in_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::walk_in_postgres::<$write>().await;
            })*
        }
    };
}

killed_at_any_step! {
    a_killed_patch: crate::writes::Patch,
    a_killed_grant: crate::writes::Grant,
    a_killed_rotation: crate::writes::Rotation,
    a_killed_vault_deletion: crate::writes::Deletion,
    a_killed_recovery: crate::writes::Recovery
}

/// A disk that fails: what could not be made durable is not acknowledged, and when the disk is well again, so is the
/// server.
#[tokio::test]
async fn a_write_that_does_not_reach_the_disk_is_not_acknowledged() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(Data { folder: folder.path(), database: None }, &[]);
    let client = server.owner().await;
    let vault = client.make_vault().await;
    let tracer = Tracer::attach(server.process_id(), "inject=fdatasync,fsync:error=EIO");
    client.patch(&vault, 1, &[new_item("an item")]).await.refused(500);
    drop(tracer);
    assert_eq!(client.vault(&vault).await.content_version, 1);
    assert_eq!(client.patch(&vault, 1, &[new_item("an item")]).await.status, 200);
}

/// So often, or OPWIRE_CRASH_CYCLES times, several clients write until the server is killed.
const CYCLES: u32 = 15;
const WRITERS: usize = 4;

/// A client that writes new versions of one item, and what it knows of them.
struct Writer {
    client: Client,
    vault: String,
    item: ItemPatch,
    /// The version that was acknowledged last.
    acknowledged: u32,
    /// What was sent last.
    sent: ItemPatch,
}

impl Writer {
    async fn new(client: Client) -> Self {
        let vault = client.make_vault().await;
        let item = new_item("an item");
        client.change(&vault, &item).await;
        Self { client, vault, sent: item.clone(), item, acknowledged: 1 }
    }

    /// Writes until the server is gone, and counts what is acknowledged.
    async fn write(&mut self, count: &AtomicU32) {
        loop {
            self.sent = next(&self.item, self.acknowledged, ItemState::Active);
            let path = format!("/api/v3/vault/{}/{}/items", self.vault, self.acknowledged + 1);
            let request = self.client.request(Method::PATCH, &path, Some(&json!([self.sent])));
            match request.send().await {
                Ok(answer) if answer.status() == 200 => {
                    self.acknowledged += 1;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(answer) => panic!("refused: {}", answer.status()),
                Err(_) => return,
            }
        }
    }

    /// Compares what is stored with what was acknowledged; true if the write that was under way stands.
    async fn compare(&mut self) -> bool {
        let path = format!("/api/v1/vault/{}/item/{}", self.vault, self.item.uuid);
        let stored: ItemResponse = self.client.open(&self.client.get(&path).await);
        let version = stored.item.item_version;
        assert_eq!(stored.content_version, version + 1);
        assert!(version >= self.acknowledged, "{} is acknowledged and {version} is stored", self.acknowledged);
        let one_more = version > self.acknowledged;
        if one_more {
            assert_eq!(version, self.acknowledged + 1);
            assert_eq!(stored.item.enc_details.as_ref(), Some(&self.sent.enc_details));
            self.acknowledged = version;
        }
        one_more
    }
}

async fn write_kill_restart(data: Data<'_>) {
    let cycles = std::env::var("OPWIRE_CRASH_CYCLES").map_or(CYCLES, |number| number.parse().unwrap());
    let mut server = Server::start(data, &[]);
    let person = server.owner().await.person;
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(Writer::new(Client::sign_in(&server.url, &person).await).await);
    }
    let (mut acknowledged, mut unacknowledged) = (0, 0);
    for _ in 0..cycles {
        let [writes, delay] = random::<2>();
        let count = AtomicU32::new(0);
        let writing = writers.iter_mut().map(|writer| writer.write(&count));
        let killing = async {
            while count.load(Ordering::Relaxed) <= u32::from(writes) / 8 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_micros(u64::from(delay) * 40)).await;
            server.kill();
        };
        tokio::join!(futures_util::future::join_all(writing), killing);
        acknowledged += count.into_inner();
        server = Server::start(data, &[]);
        for writer in &mut writers {
            writer.client.base.clone_from(&server.url);
            unacknowledged += u32::from(writer.compare().await);
        }
    }
    println!(
        "{cycles} cycles of write, kill, restart: {acknowledged} acknowledged writes stand, and {unacknowledged} of {} that were under way",
        cycles * u32::try_from(WRITERS).unwrap()
    );
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_in_sqlite() {
    let folder = TempDir::new().unwrap();
    write_kill_restart(Data { folder: folder.path(), database: None }).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_in_postgres() {
    let postgres = Postgres::start(Durability::None).await;
    let (folder, database) = (TempDir::new().unwrap(), postgres.new_database().await);
    write_kill_restart(Data { folder: folder.path(), database: Some(&database) }).await;
}
