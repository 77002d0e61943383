//! Kills servers in the middle of a write. A write is applied completely or not at all, and an acknowledged write is
//! never lost.

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

/// The system calls with which SQLite changes files, and those that send responses.
const FILE_CALLS: &str = "lseek,pwrite64,fdatasync,fsync,ftruncate,unlink";
const ANSWER_CALLS: &str = "sendto,sendmsg,writev";

/// Sends the write, and returns whether the server acknowledged it before it was killed.
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

/// Sends the write once for each of its steps, and kills the server one step later each time.
async fn kill_at_each_step<W: Write>(
    data: Data<'_>,
    interrupted: impl AsyncFn(&Server, u32, &W, &Client) -> bool,
) -> Outcomes {
    let mut server = Server::start(data, &[]);
    let mut team = server.team().await;
    let mut outcomes = Outcomes::default();
    for step in 1.. {
        let write = W::prepare(&team).await;
        let acknowledged = interrupted(&server, step, &write, &team.owner).await;
        server.kill();
        server = Server::start(data, &[]);
        team.owner.base.clone_from(&server.url);
        let applied = write.is_applied(&team.owner).await;
        assert!(applied || !acknowledged, "an acknowledged write is lost at step {step}");
        if acknowledged {
            break;
        }
        if applied {
            outcomes.applied += 1;
        } else {
            outcomes.undone += 1;
            assert!(send(&write, &team.owner).await && write.is_applied(&team.owner).await, "a retry fails");
        }
    }
    outcomes
}

/// How many of the writes that were not acknowledged were undone, and how many applied.
#[derive(Default, Debug)]
struct Outcomes {
    undone: u32,
    applied: u32,
}

/// Sends the write, while strace kills the server when one of its threads makes the n-th of these system calls.
async fn killed_at_call(calls: &str, server: &Server, step: u32, write: &impl Write, client: &Client) -> bool {
    let tracer = Tracer::attach(server.process_id(), &format!("inject={calls}:signal=SIGKILL:when={step}"));
    let acknowledged = send(write, client).await;
    drop(tracer);
    acknowledged
}

/// strace, attached to a process. Dropping it detaches strace.
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
        let message = lines.next().map(|line| line.unwrap()).unwrap_or_default();
        assert!(message.contains("attached"), "strace may not trace here: {message}");
        std::thread::spawn(move || lines.for_each(drop));
        Self(strace)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // The kernel resumes the traced process. On SIGTERM, strace would wait for a process that is being killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The number of steps that hold the answer to a COMMIT. Several are needed, because a COMMIT may be that of the
/// server's request counts.
const COMMITS: u32 = 6;

/// Sends the write, and kills the server after a number of messages to PostgreSQL, before or after the answer to the
/// last.
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

async fn kill_at_each_step_in_sqlite<W: Write>() {
    for (calls, is_applied) in [(FILE_CALLS, false), (ANSWER_CALLS, true)] {
        let folder = TempDir::new().unwrap();
        let data = Data { folder: folder.path(), database: None };
        let interrupted = async |server: &Server, step, write: &W, client: &Client| {
            killed_at_call(calls, server, step, write, client).await
        };
        let outcomes = kill_at_each_step(data, interrupted).await;
        println!("SQLite, {}, {calls}: {outcomes:?}", std::any::type_name::<W>());
        assert!(if is_applied { outcomes.applied > 0 } else { outcomes.undone > 5 }, "{outcomes:?}");
    }
}

async fn kill_at_each_step_in_postgres<W: Write>() {
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
    let outcomes = kill_at_each_step(data, interrupted).await;
    println!("PostgreSQL, {}: {outcomes:?}", std::any::type_name::<W>());
    assert!(outcomes.undone > 10 && outcomes.applied > 0, "{outcomes:?}");
}

macro_rules! killed_at_any_step {
    ($($name:ident: $write:ty),*) => {
        mod is_applied_or_undone_in_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::kill_at_each_step_in_sqlite::<$write>().await;
            })*
        }
        // Several threads: the gate must pass messages while the test waits for a server to start.
        mod is_applied_or_undone_in_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::kill_at_each_step_in_postgres::<$write>().await;
            })*
        }
    };
}

killed_at_any_step! {
    a_killed_patch: crate::writes::Patch,
    a_killed_grant: crate::writes::Grant,
    a_killed_rotation: crate::writes::Rotation,
    a_killed_vault_deletion: crate::writes::Deletion,
    a_killed_recovery: crate::writes::Recovery,
    a_killed_sharing: crate::writes::Sharing,
    a_killed_revocation: crate::writes::Revocation
}

/// If the disk fails, writes that could not be made durable are not acknowledged. When the disk works again, so does
/// the server.
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

/// How often several clients write until the server is killed, unless OPWIRE_CRASH_CYCLES says otherwise.
const CYCLES: u32 = 15;
const WRITERS: usize = 4;

/// A client that writes new versions of one item, and records which were acknowledged.
struct Writer {
    client: Client,
    vault: String,
    item: ItemPatch,
    /// The last acknowledged version.
    acknowledged: u32,
    /// The last item sent.
    sent: ItemPatch,
}

impl Writer {
    async fn new(client: Client) -> Self {
        let vault = client.make_vault().await;
        let item = new_item("an item");
        client.change(&vault, &item).await;
        Self { client, vault, sent: item.clone(), item, acknowledged: 1 }
    }

    /// Writes until the server is gone, and counts the acknowledged writes.
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

    /// Compares the stored version with the acknowledged one. Returns whether the write in flight was applied.
    async fn compare(&mut self) -> bool {
        let path = format!("/api/v1/vault/{}/item/{}", self.vault, self.item.uuid);
        let stored: ItemResponse = self.client.open(&self.client.get(&path).await);
        let version = stored.item.item_version;
        assert_eq!(stored.content_version, version + 1);
        assert!(
            version >= self.acknowledged,
            "version {} is acknowledged, but version {version} is stored",
            self.acknowledged
        );
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
        "{cycles} cycles of write, kill, restart: all {acknowledged} acknowledged writes are stored, and {unacknowledged} of {} writes in flight",
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
