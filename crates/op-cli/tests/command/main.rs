//! Runs the command as a person does: a server of their own, an account, a service account, items.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

use std::{
    io::Write,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use op_testkit::TestServer;
use tempfile::TempDir;

#[cfg(target_os = "linux")]
mod agent;
mod output;
mod sessions;
mod shares;
mod support;
mod templates;

use support::*;

#[test]
fn a_team_hosts_its_own_account() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let server = start_server(home.path(), &data);

    let create = |name: &str| {
        let mut command = opwire(home.path());
        command.args(["account", "create", name, "--server", &server.address, "--email", "you@example.com"]);
        command.arg("--setup-token-file").arg(data.join("setup-token"));
        command
    };
    let kit = run(&mut create("Acme"));
    assert!(kit.contains("Secret Key  A3-") && !kit.contains(PASSWORD), "{kit}");
    assert!(fails(&mut create("acme")).contains("is already saved"));
    let again = fails(&mut create("Another"));
    assert!(again.contains("a user with this e-mail address exists"), "{again}");

    let saved = home.path().join("accounts.json");
    assert!(!std::fs::read_to_string(&saved).unwrap().contains(PASSWORD));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&saved).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let vault_id = run(opwire(home.path()).args(["vault", "create", "Development"]));
    let vaults = run(opwire(home.path()).args(["vault", "list"]));
    assert!(vaults.lines().any(|line| line == format!("{vault_id}\tDevelopment")), "{vaults}");
    assert!(vaults.contains("\tPersonal"), "{vaults}");
    let item_id = create_item(
        home.path(),
        r#"{"category":"Login","title":"Web","fields":[
        {"id":"password","title":"password","fieldType":"Concealed","value":"hunter2"}]}"#,
    );
    let token = run(opwire(home.path()).args(["service-account", "create", "ci", "--vault", "Development:read_items"]));

    let as_service = |arguments: &[&str]| {
        let mut command = opwire(home.path());
        command.env("OP_SERVICE_ACCOUNT_TOKEN", &token).env_remove("OPWIRE_PASSWORD").args(arguments);
        command
    };
    assert_eq!(run(&mut as_service(&["read", "op://Development/Web/password"])), "hunter2");
    assert_eq!(run(&mut as_service(&["item", "list", "--vault", "Development"])), format!("{item_id}\tWeb"));
    let explained = run(&mut as_service(&["read", "--explain", "op://Development/Wep/password"]));
    assert!(explained.contains("similar: Web") && explained.contains(&item_id) && !explained.contains("hunter2"));
    let explained = run(&mut as_service(&["read", "--explain", "op://Development/Web/password"]));
    assert!(explained.ends_with(&format!("with ids: op://{vault_id}/{item_id}/password")), "{explained}");

    let env_file = home.path().join(".env");
    std::fs::write(&env_file, "P=op://Development/Web/password\n").unwrap();
    let mut command = as_service(&["run", "--env-file", env_file.to_str().unwrap(), "--", "sh", "-c", "echo $P $Q"]);
    assert_eq!(run(command.env("Q", "op://Development/Web/password")), "hunter2 hunter2");
    let show = "echo ${OP_SERVICE_ACCOUNT_TOKEN:-none} ${OPWIRE_PASSWORD:-none}";
    let withheld = run(as_service(&["run", "--", "sh", "-c", show]).env("OPWIRE_PASSWORD", "a password"));
    assert_eq!(withheld, "none none", "the command gets what it was given, and nothing that opens more");
    let kept = run(&mut as_service(&["run", "--keep-credentials", "--", "sh", "-c", show]));
    assert_eq!(kept, format!("{token} none"));
    std::fs::write(&env_file, "OP_SERVICE_ACCOUNT_TOKEN=of another account\n").unwrap();
    let set = run(&mut as_service(&["run", "--env-file", env_file.to_str().unwrap(), "--", "sh", "-c", show]));
    assert_eq!(set, "of another account none");
    let mut command = as_service(&["run", "--", "sh", "-c", "echo ran"]);
    let unresolved = fails(command.env("Q", "op://Development/Web/nothing"));
    assert!(unresolved.contains("Q: the specified field cannot be found"), "{unresolved}");

    let (template, out) = (home.path().join("template"), home.path().join("out"));
    std::fs::write(&template, "password: {{ op://Development/Web/password }}\n").unwrap();
    let mut command = as_service(&["inject", "-i", template.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    run(&mut command);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "password: hunter2\n");
    std::fs::write(&template, "{{ op://Development/Web/nothing }}").unwrap();
    assert!(fails(&mut as_service(&["inject", "-i", template.to_str().unwrap()])).contains("nothing was written"));

    let missing = fails(&mut as_service(&["read", "op://Development/Web/nothing"]));
    assert!(missing.contains("the specified field cannot be found within the item"), "{missing}");

    let wrong = fails(opwire(home.path()).env("OPWIRE_PASSWORD", "not the password").args(["vault", "list"]));
    assert!(wrong.contains("the password is wrong") && !wrong.contains("not the password"), "{wrong}");
    let cut = "ops_eyJzaWduSW5BZGRyZXNzIjoi";
    let cut_off = fails(opwire(home.path()).env("OP_SERVICE_ACCOUNT_TOKEN", cut).args(["vault", "list"]));
    assert!(cut_off.contains("it is cut off") && !cut_off.contains("eyJz"), "{cut_off}");
}

#[test]
fn people_groups_and_environments() {
    let (home, adas) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let data = home.path().join("data");
    let server = start_server(home.path(), &data);
    let kit = home.path().join("kit.html");
    let mut create = opwire(home.path());
    create.args(["account", "create", "Acme", "--server", &server.address, "--email", "you@example.com"]);
    let printed = run(create.arg("--setup-token-file").arg(data.join("setup-token")).arg("--emergency-kit").arg(&kit));
    let page = std::fs::read_to_string(&kit).unwrap();
    assert!(page.contains("A3-") && !printed.contains("A3-"), "the Secret Key is on the page only");
    let own = |arguments: &[&str]| run(opwire(home.path()).args(arguments));
    let ada = |arguments: &[&str]| {
        let mut command = opwire(adas.path());
        command.args(arguments);
        command
    };

    let invitation = own(&["user", "invite", "ada@example.com", "--name", "Ada"]);
    let joined = run(ada(&["join"]).env("OPWIRE_INVITATION", &invitation));
    assert!(joined.contains("Secret Key  A3-"), "{joined}");
    assert!(fails(&mut ada(&["vault", "list"])).contains("has yet to confirm you"));
    assert!(own(&["user", "list"]).contains("waiting for confirmation"));
    own(&["user", "confirm", "ada@example.com"]);

    own(&["vault", "create", "Development"]);
    create_item(
        home.path(),
        r#"{"category":"Password","title":"P","fields":[
        {"id":"password","title":"password","fieldType":"Concealed","value":"hunter2"}]}"#,
    );
    let mut read = ada(&["read", "op://Development/P/password"]);
    fails(&mut read);
    own(&["group", "create", "Developers"]);
    // The shell may have a token of a service account, which is not allowed to do this.
    let beside_a_token = |arguments: &[&str]| {
        run(opwire(home.path()).env("OP_SERVICE_ACCOUNT_TOKEN", "another's").args(["group"]).args(arguments))
    };
    beside_a_token(&["add-member", "Developers", "ada@example.com"]);
    beside_a_token(&["remove-member", "Developers", "ada@example.com"]);
    beside_a_token(&["create", "Passing"]);
    beside_a_token(&["delete", "Passing", "--yes"]);
    own(&["group", "add-member", "Developers", "ada@example.com"]);
    own(&["group", "grant", "Developers", "--vault", "Development", "--permissions", "read_items"]);
    assert_eq!(run(&mut read), "hunter2");
    own(&["group", "grant", "Developers", "--vault", "Development", "--permissions", "write_items"]);
    assert!(own(&["vault", "access", "Development"]).contains("CREATE_ITEMS"));
    assert!(own(&["vault", "rotate-key", "Development"]).contains("Items encrypted with it: 1."));
    assert_eq!(run(&mut read), "hunter2");
    own(&["group", "revoke", "Developers", "--vault", "Development"]);
    fails(&mut read);
    own(&["user", "grant", "ada@example.com", "--vault", "Development", "--permissions", "read_items"]);
    assert_eq!(run(&mut read), "hunter2");
    own(&["user", "revoke", "ada@example.com", "--vault", "Development"]);
    fails(&mut read);
    own(&["user", "grant", "ada@example.com", "--vault", "Development", "--permissions", "read_items"]);
    run(&mut ada(&["vault", "leave", "Development"]));
    fails(&mut read);
    let hers = run(&mut ada(&["vault", "create", "Hers", "--no-admins"]));
    assert_eq!(own(&["vault", "abandoned"]), "");

    own(&["env", "create", "Production"]);
    let file = home.path().join(".env");
    std::fs::write(&file, "A=plain\nB='two\nlines $A'\n").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(own(&["env", "import", "Production", file]), "Variables set: 2.");
    assert_eq!(own(&["env", "export", "Production"]), "A=plain\nB='two\nlines $A'");
    own(&["env", "unset", "Production", "A"]);
    own(&["env", "set", "Production", "C", "--file", file]);
    assert_eq!(own(&["env", "list", "Production"]), "B\nC");
    assert_eq!(own(&["env", "get", "Production", "B"]), "two\nlines $A");
    let token = own(&["service-account", "create", "deploy", "--env", "Production"]);
    let mut get = opwire(home.path());
    get.env("OP_SERVICE_ACCOUNT_TOKEN", &token).args(["env", "get", "Production", "B"]);
    assert_eq!(run(&mut get), "two\nlines $A");
    let rotated = own(&["service-account", "rotate", "deploy"]);
    fails(&mut get);
    assert_eq!(run(get.env("OP_SERVICE_ACCOUNT_TOKEN", &rotated)), "two\nlines $A");
    own(&["service-account", "revoke", "deploy", "--yes"]);
    fails(&mut get);
    assert!(fails(opwire(home.path()).args(["env", "delete", "Production"])).contains("pass --yes"));
    own(&["env", "delete", "Production", "--yes"]);

    let mut change = ada(&["account", "password"]);
    run(change.env("OPWIRE_NEW_PASSWORD", "another password"));
    fails(&mut ada(&["vault", "list"]));
    run(ada(&["session", "list"]).env("OPWIRE_PASSWORD", "another password"));
    own(&["user", "suspend", "ada@example.com"]);
    fails(ada(&["vault", "list"]).env("OPWIRE_PASSWORD", "another password"));
    assert!(own(&["vault", "abandoned"]).starts_with(&format!("{hers}\t0\t")));
    assert!(fails(opwire(home.path()).args(["vault", "remove", &hers])).contains("pass --yes"));
    own(&["vault", "remove", &hers, "--yes"]);
    assert_eq!(own(&["vault", "abandoned"]), "");
    let audit = own(&["audit"]);
    assert!(audit.contains("vault") && !audit.contains("Development") && !audit.contains("hunter2"), "{audit}");
}

fn create_item(home: &Path, template: &str) -> String {
    let mut process = opwire(home)
        .args(["item", "create", "--vault", "Development", "--template", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(template.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    text(&output.stdout).trim_end().to_owned()
}

#[test]
fn the_dev_server_writes_its_environment_when_it_is_ready() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("env");
    let process = opwire(home.path())
        .args(["server", "dev", "--port", "0", "--env-file"])
        .arg(&file)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _server = Server { process, address: String::new() };
    let deadline = Instant::now() + Duration::from_secs(60);
    while !file.exists() {
        assert!(Instant::now() < deadline, "the server was not ready in time");
        thread::sleep(Duration::from_millis(50));
    }
    let environment = std::fs::read_to_string(&file).unwrap();
    let value = |name: &str| {
        let line = environment.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.strip_prefix('=').unwrap().to_owned()
    };
    let token = value("OP_SERVICE_ACCOUNT_TOKEN");
    assert_eq!(value("OP_VAULT_ID").len(), 26);
    let secret = run(opwire(home.path())
        .env("OP_SERVICE_ACCOUNT_TOKEN", &token)
        .args(["read", "op://Development/Example/password"]));
    assert_eq!(secret, "correct-horse-battery");
}

#[test]
fn plain_http_is_allowed_on_this_machine_only() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let refused = fails(opwire(home.path()).args(["server", "--listen", "0.0.0.0:0", "--data-dir"]).arg(&data));
    assert!(refused.contains("--tls-cert"), "{refused}");
    let unsafe_address = fails(opwire(home.path()).env("OPWIRE_SETUP_TOKEN", "x".repeat(43)).args([
        "account",
        "create",
        "Acme",
        "--server",
        "http://example.com",
        "--email",
        "you@example.com",
    ]));
    assert!(unsafe_address.contains("plain http"), "{unsafe_address}");
}

#[test]
fn without_an_account_the_error_says_what_to_do() {
    let home = TempDir::new().unwrap();
    let error = fails(opwire(home.path()).args(["vault", "list"]));
    assert!(error.contains("opwire account create") && error.contains("OP_SERVICE_ACCOUNT_TOKEN"), "{error}");
    let bad_token = "ops_not-a-token";
    let error = fails(opwire(home.path()).env("OP_SERVICE_ACCOUNT_TOKEN", bad_token).args(["vault", "list"]));
    assert!(error.contains("OP_SERVICE_ACCOUNT_TOKEN is not a valid token") && !error.contains(bad_token), "{error}");
}

#[test]
fn a_secret_key_is_not_lost_with_the_emergency_kit() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let server = start_server(home.path(), &data);
    let mut create = create_account(home.path(), &server.address, &data);
    let output = create.args(["--emergency-kit", "/no/such/dir/kit.html"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("/no/such/dir/kit.html"), "{}", text(&output.stderr));
    run(opwire(home.path()).args(["vault", "list"]));

    let kit = opwire(home.path()).args(["account", "emergency-kit", "--output", "-"]).output().unwrap();
    let page = text(&kit.stdout);
    assert!(page.contains(&secret_key(&text(&output.stdout))));
    assert!(page.trim_end().ends_with("</html>") && kit.stderr.is_empty(), "{page}");

    // The Secret Key is also printed if the folder for accounts cannot be created.
    #[cfg(target_os = "linux")]
    {
        let invitation = run(opwire(home.path()).args(["user", "invite", "ada@example.com"]));
        let mut join = opwire(Path::new("/proc/opwire"));
        let joined = join.arg("join").env("OPWIRE_INVITATION", &invitation).output().unwrap();
        assert_eq!(joined.status.code(), Some(1));
        assert!(text(&joined.stderr).contains("opwire account add"), "{}", text(&joined.stderr));
        secret_key(&text(&joined.stdout));
    }
}

#[test]
fn concurrent_commands_save_all_their_accounts() {
    let home = TempDir::new().unwrap();
    let (server, secret_key) = start_with_account(home.path());
    let names = ["one", "two", "three", "four"];
    let add = |name: &&str| {
        let mut command = opwire(home.path());
        command.args(["account", "add", name, "--server", &server.address, "--email", "you@example.com"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    };
    let mut processes: Vec<Child> = names.iter().map(add).collect();
    // Now they have read the saved accounts, and wait for the Secret Key.
    thread::sleep(Duration::from_millis(200));
    for process in &mut processes {
        process.stdin.take().unwrap().write_all(secret_key.as_bytes()).unwrap();
    }
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let list = run(opwire(home.path()).args(["account", "list"]));
    for name in names {
        assert!(list.contains(&format!("{name}\t")), "{name} is not in {list}");
    }
    // That of the server, which the one that was created here knew as well.
    let mut ids: Vec<_> = list.lines().map(|line| line.rsplit('\t').next().unwrap()).collect();
    ids.dedup();
    assert!(matches!(ids.as_slice(), [id] if id.len() == 26), "{list}");
    assert!(!home.path().join("accounts.json.lock").exists());
}

#[test]
fn grants_for_the_same_vault_are_merged() {
    let home = TempDir::new().unwrap();
    let _server = start_with_account(home.path());
    run(opwire(home.path()).args(["vault", "create", "Development"]));
    let grants = ["--vault", "Development:read_items", "--vault", "development:write_items"];
    run(opwire(home.path()).args(["service-account", "create", "ci"]).args(grants));
    let list = run(opwire(home.path()).args(["service-account", "list"]));
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains("READ_ITEMS") && list.contains("CREATE_ITEMS"), "{list}");
}

#[test]
fn people_are_rejected_and_invitations_withdrawn() {
    let (home, adas) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let _server = start_with_account(home.path());
    let own = |arguments: &[&str]| run(opwire(home.path()).arg("user").args(arguments));
    let join = |invitation: &str| {
        let mut command = opwire(adas.path());
        command.arg("join").env("OPWIRE_INVITATION", invitation);
        command
    };

    let withdrawn = own(&["invite", "ada@example.com"]);
    own(&["withdraw", "Ada@example.com"]);
    assert_eq!(own(&["invitations"]), "");
    fails(&mut join(&withdrawn));
    assert!(
        fails(opwire(home.path()).args(["user", "withdraw", "ada@example.com"])).contains("opwire user invitations")
    );

    run(&mut join(&own(&["invite", "ada@example.com"])));
    own(&["reject", "ada@example.com"]);
    assert!(!own(&["list"]).contains("ada@example.com"));
    fails(opwire(home.path()).args(["user", "reject", "you@example.com"]));
}

#[test]
fn a_person_who_lost_their_secrets_recovers_access() {
    let (home, adas, new) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let _server = start_with_account(home.path());
    let own = |arguments: &[&str]| run(opwire(home.path()).args(arguments));
    let at = |home: &TempDir, arguments: &[&str]| {
        let mut command = opwire(home.path());
        command.args(arguments);
        command
    };
    run(at(&adas, &["join"]).env("OPWIRE_INVITATION", own(&["user", "invite", "ada@example.com"])));
    own(&["user", "confirm", "ada@example.com"]);
    let template = adas.path().join("item.json");
    let item = r#"{"category":"Password","title":"P","fields":[
        {"id":"password","title":"password","fieldType":"Concealed","value":"hunter2"}]}"#;
    std::fs::write(&template, item).unwrap();
    let template = template.to_str().unwrap();
    run(&mut at(&adas, &["item", "create", "--vault", "Personal", "--template", template]));
    run(&mut at(&adas, &["vault", "create", "Hers", "--no-admins"]));
    let vaults = run(&mut at(&adas, &["vault", "list"]));
    own(&["group", "create", "Developers"]);
    own(&["group", "add-member", "Developers", "ada@example.com"]);

    assert!(fails(opwire(home.path()).args(["user", "confirm", "ada@example.com"])).contains("nothing to confirm"));
    let withdrawn = own(&["user", "recover", "ada@example.com"]);
    own(&["user", "withdraw", "ada@example.com"]);
    fails(at(&new, &["join"]).env("OPWIRE_INVITATION", withdrawn));
    let invitation = own(&["user", "recover", "ada@example.com"]);
    assert!(own(&["user", "invitations"]).ends_with("to recover access"));
    let mut join = at(&new, &["join"]);
    join.env("OPWIRE_INVITATION", &invitation).env("OPWIRE_PASSWORD", "a password she remembers");
    assert!(run(&mut join).contains("Secret Key  A3-"));
    assert!(own(&["user", "invitations"]).ends_with("waiting for confirmation"));
    assert_eq!(run(&mut at(&adas, &["read", "op://Personal/P/password"])), "hunter2");

    own(&["user", "confirm", "ada@example.com"]);
    assert_eq!(own(&["user", "invitations"]), "");
    assert!(fails(&mut at(&adas, &["vault", "list"])).contains("authentication error"));
    let back = |arguments: &[&str]| run(at(&new, arguments).env("OPWIRE_PASSWORD", "a password she remembers"));
    assert_eq!(back(&["read", "op://Personal/P/password"]), "hunter2");
    assert_eq!(back(&["vault", "list"]), vaults);
    own(&["vault", "create", "Shared"]);
    own(&["group", "grant", "Developers", "--vault", "Shared", "--permissions", "read_items"]);
    assert!(back(&["vault", "list"]).contains("Shared"), "she is in the group, and has its access");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_closed_to_new_accounts_says_so() {
    let server = TestServer::start_with(|config| config.registration = op_server::Registration::Closed).await;
    let home = TempDir::new().unwrap();
    let mut create = opwire(home.path());
    create.args(["account", "create", "Acme", "--server", &server.url, "--email", "you@example.com"]);
    create.env("OPWIRE_SETUP_TOKEN", &server.setup_token);
    let refused = fails(&mut create);
    assert!(refused.contains("does not accept new accounts"), "{refused}");
}
