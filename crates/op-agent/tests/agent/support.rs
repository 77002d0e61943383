//! An agent in the test's process, with a clock of the test's.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use op_agent::{
    Agent, Clock, Limits, MachineClock, Settings,
    client::{AgentClient, AgentControl},
    control::{Answer, Answered, Entry, GrantStatus, Lock, Log, Pending, Shown},
    profiles::{Profile, Profiles},
    wire::Kind,
};
use op_core::{Error, Message};
use op_testkit::account::{PASSWORD, TestAccount, host};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use zeroize::Zeroizing;

/// The e-mail address of the owner of a test account.
const EMAIL: &str = "owner@example.com";

/// A clock that the test moves.
#[derive(Default)]
pub(crate) struct TestClock {
    passed: Mutex<Duration>,
    slept: Mutex<Duration>,
}

impl TestClock {
    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }

    /// Lets time pass during which the machine sleeps.
    pub(crate) fn sleep(&self, time: Duration) {
        *self.slept.lock().unwrap() += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        MachineClock.awake() + *self.passed.lock().unwrap() + *self.slept.lock().unwrap()
    }

    fn awake(&self) -> Duration {
        MachineClock.awake() + *self.passed.lock().unwrap()
    }
}

pub(crate) struct TestAgent {
    pub(crate) account: TestAccount,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) socket: PathBuf,
    pub(crate) folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Drop for TestAgent {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.serving.abort();
    }
}

impl TestAgent {
    /// Starts an agent with the account `Acme`.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(&mut Settings)) -> Self {
        let account = TestAccount::create().await;
        let folder = TempDir::new().unwrap();
        save(folder.path(), &[("Acme", &account)]);
        let socket = folder.path().join("run/agent.sock");
        let clock = Arc::new(TestClock::default());
        let mut settings = Settings::new(socket.clone(), host());
        settings.accounts = Some(folder.path().join("accounts.json"));
        settings.log = Some(folder.path().join("state/agent.log"));
        settings.clock = clock.clone();
        // As long as the test needs, however slow the machine is.
        settings.limits = Limits { prompt: Duration::from_secs(600), ..Limits::default() };
        configure(&mut settings);
        let listening = Agent::listen(settings).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(listening.serve(async { drop(stopped.await) }));
        Self { account, clock, socket, folder, stop: Some(stop), serving }
    }

    /// Signs in as a program of the test's own process.
    pub(crate) async fn sign_in(&self, config: Value) -> Result<AgentClient, Error> {
        AgentClient::sign_in_at(self.socket.clone(), config.to_string()).await
    }

    /// Signs in as a program in the background.
    pub(crate) fn signing_in(&self, config: Value) -> JoinHandle<Result<AgentClient, Error>> {
        tokio::spawn(AgentClient::sign_in_at(self.socket.clone(), config.to_string()))
    }

    /// Signs in, and approves it for the process.
    pub(crate) async fn approved(&self, config: Value) -> AgentClient {
        let signing_in = self.signing_in(config);
        self.allow(0).await;
        signing_in.await.unwrap().unwrap()
    }

    pub(crate) async fn control(&self) -> AgentControl {
        AgentControl::connect_to(&self.socket).await.unwrap()
    }

    /// Waits for the prompt after the one with this number.
    pub(crate) async fn prompt_after(&self, after: u64) -> Shown {
        let control = self.control().await;
        let pending = Pending { after };
        let shown = control.send(Kind::Pending, &pending);
        timeout(Duration::from_secs(60), shown).await.expect("a prompt appears").unwrap()
    }

    /// Waits for a prompt.
    pub(crate) async fn prompt(&self) -> Shown {
        self.prompt_after(0).await
    }

    pub(crate) async fn answer(&self, prompt: u64, allow: Option<usize>, password: &str) -> Answered {
        let answer = Answer { prompt, allow, password: Some(Zeroizing::new(password.to_owned())) };
        loop {
            let answered = self.control().await.send(Kind::Answer, &answer).await.unwrap();
            if answered != Answered::TooSoon {
                return answered;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for a prompt and allows it.
    pub(crate) async fn allow(&self, choice: usize) -> Shown {
        let shown = self.prompt().await;
        assert_eq!(self.answer(shown.request.id, Some(choice), PASSWORD).await, Answered::Taken);
        shown
    }

    /// Waits for a prompt and denies it.
    pub(crate) async fn deny(&self) {
        let shown = self.prompt().await;
        assert_eq!(self.answer(shown.request.id, None, "").await, Answered::Taken);
    }

    pub(crate) async fn grants(&self) -> Vec<GrantStatus> {
        self.control().await.send(Kind::Sessions, &()).await.unwrap()
    }

    pub(crate) async fn lock(&self, keep_keys: bool) {
        let lock = Lock { account: None, keep_keys };
        let () = self.control().await.send(Kind::Lock, &lock).await.unwrap();
    }

    pub(crate) async fn log(&self) -> Vec<Entry> {
        self.control().await.send(Kind::Log, &Log { last: 100 }).await.unwrap()
    }

    /// Returns the command that starts the program of another process.
    pub(crate) fn program(&self, config: &Value) -> Command {
        let mut command = Command::new("python3");
        command.arg(program_file()).arg(&self.socket).arg(config.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

pub(crate) fn program_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agent/program.py")
}

/// Writes the file with the saved accounts.
pub(crate) fn save(folder: &Path, accounts: &[(&str, &TestAccount)]) {
    let profile = |(name, account): &(&str, &TestAccount)| {
        Profile::new(name, format!("ID-OF-{name}"), &account.server.url, EMAIL, "a".repeat(26), &account.secret_key)
    };
    let profiles = Profiles { accounts: accounts.iter().map(profile).collect() };
    fs::write(folder.join("accounts.json"), serde_json::to_vec(&profiles).unwrap()).unwrap();
}

/// Returns the configuration of a program.
pub(crate) fn config() -> Value {
    with(json!({}))
}

/// Returns the configuration of a program with other members.
pub(crate) fn with(members: Value) -> Value {
    let mut config = op_testkit::account::config("");
    let all = config.as_object_mut().unwrap();
    all.remove("serviceAccountToken");
    all.insert("accountName".to_owned(), json!("Acme"));
    all.extend(members.as_object().unwrap().clone());
    config
}

/// Calls a method.
pub(crate) async fn call(client: &AgentClient, name: &str, parameters: Value) -> Result<Value, Error> {
    let invocation =
        json!({ "invocation": { "clientId": 0, "parameters": { "name": name, "parameters": parameters } } });
    let result = client.exchange(Message::from(invocation.to_string())).await?;
    Ok(if result.text.is_empty() { Value::Null } else { serde_json::from_str(&result.text).unwrap() })
}

/// Returns the titles of the vaults that the client lists, or the name of the error.
pub(crate) async fn vaults(client: &AgentClient) -> Result<Vec<String>, &'static str> {
    let vaults = call(client, "VaultsList", json!({})).await.map_err(|error| error.kind().name())?;
    let mut titles: Vec<_> =
        vaults.as_array().unwrap().iter().map(|vault| vault["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    Ok(titles)
}

/// Returns the lines of JSON that a program has printed: for each, whether it succeeded and what it got.
pub(crate) fn lines(output: &[u8]) -> Vec<(bool, String)> {
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["ok"].as_bool().unwrap(), line["text"].as_str().unwrap().to_owned())
    };
    String::from_utf8_lossy(output).lines().map(line).collect()
}
