//! The invoke surface against what the public SDK answered to the same texts.

use op_core::Core;
use op_testkit::{account, vectors};
use serde_json::Value;

/// What differs on purpose, with the reason in docs/differences.md.
fn expected_prefix(recorded: &str) -> String {
    let message = match serde_json::from_str::<Value>(recorded) {
        Ok(error) => error["message"].as_str().unwrap().to_owned(),
        Err(_) => recorded.to_owned(),
    };
    match message.split_once(", please contact 1Password at ") {
        // The contact is not ours; the text before and after it is the same.
        Some((before, after)) => format!("{before}: {}", after.split_once("joinslack: ").unwrap().1),
        None => message,
    }
}

#[tokio::test]
async fn malformed_texts_fail_with_the_recorded_message() {
    let core = Core::new(account::host());
    let mut checked = 0;
    for case in vectors::json("invoke.json").as_array().unwrap() {
        let (function, input) = (case["fn"].as_str().unwrap(), case["input"].as_str().unwrap());
        // Calls that succeed, or whose method exists only in later versions, are tested elsewhere.
        let later = ["VaultsGet\"", "VaultsDelete", "GroupsGet", "Internal"];
        if case["ok"] == true
            || case["error"] == "unreachable"
            // The public core looks for the client first, and aborts when it finds it.
            || (function == "invoke_sync" && input.contains("9999") && input.contains("VaultsList"))
            || later.iter().any(|text| input.contains(text))
            || (input.contains("\"clientId\":0") && needs_a_client(input))
        {
            continue;
        }
        let result = match function {
            "invoke" => core.invoke(input).await,
            "invoke_sync" => core.invoke_sync(input),
            "release_client" => core.release_client(input).map(|()| String::new()),
            other => panic!("unknown function {other}"),
        };
        let error = result.expect_err(input);
        let (message, expected) = (error.message(), expected_prefix(case["error"].as_str().unwrap()));
        assert!(message.starts_with(&expected), "{function} {input}\n  got      {message}\n  recorded {expected}");
        checked += 1;
    }
    assert!(checked > 40, "only {checked} cases were checked");
}

fn needs_a_client(input: &str) -> bool {
    ["\"secret_reference\":\"x\"", "SecretsResolveAll", "VaultsGetOverview", "c!"]
        .iter()
        .any(|text| input.contains(text))
        || (input.contains("\"VaultsList\",\"parameters\":{}") && !input.contains("9999"))
}

#[tokio::test]
async fn errors_name_the_member_and_the_remedy() {
    let core = Core::new(account::host());
    for (input, field, reason) in [
        (
            r#"{"invocation":{"parameters":{"name":"ValidateSecretReference","parameters":{}}}}"#,
            "secret_reference",
            "missing field `secret_reference`",
        ),
        (
            r#"{"invocation":{"parameters":{"name":"ValidateSecretReference","parameters":{"secretReference":"x"}}}}"#,
            "secretReference",
            "`secretReference`: unknown member, expected one of `secret_reference`",
        ),
        (
            r#"{"invocation":{"clientId":0,"parameters":{"name":"ItemsList","parameters":{"vault_id":"a","filters":[{"type":"ByState","content":{"active":1}}]}}}}"#,
            "filters[0]",
            "filters[0]",
        ),
        (
            r#"{"invocation":{"clientId":0,"parameters":{"name":"VaultsListAll","parameters":{}}}}"#,
            "parameters.name",
            "unknown method `VaultsListAll`, expected one of",
        ),
        (
            r#"{"invocation":{"clientId":"0","parameters":{"name":"VaultsList","parameters":{}}}}"#,
            "clientId",
            "the number that init_client returned",
        ),
    ] {
        let error = core.invoke(input).await.expect_err(input);
        assert!(error.message().contains(reason), "{}", error.message());
        assert!(error.field().unwrap().starts_with(field), "{:?} for {input}", error.field());
    }
}

#[tokio::test]
async fn network_methods_do_not_run_synchronously() {
    let core = Core::new(account::host());
    let error = core
        .invoke_sync(r#"{"invocation":{"clientId":0,"parameters":{"name":"VaultsList","parameters":{}}}}"#)
        .expect_err("it needs the network");
    assert!(error.message().contains("call it with `invoke`"), "{}", error.message());
}

#[tokio::test]
async fn malformed_configurations_fail_with_the_recorded_message() {
    let core = Core::new(account::host());
    let cases = vectors::json("tokens.json");
    let cases = cases.as_array().unwrap();
    let token = valid_token(cases);
    let mut checked = 0;
    for case in cases {
        let (input, label) = (&case["input"], case["label"].as_str().unwrap());
        let config = match input.get("coreConfig") {
            Some(config) => config.to_string().replace("<valid>", &token),
            // The other cases are about the token's own text, which op-protocol tests.
            None if label.starts_with("integration") || label == "both too long" => configuration(input, &token),
            None => continue,
        };
        let recorded = expected_prefix(case["error"].as_str().unwrap_or_default());
        // Workload identity is not part of this version: the member is ignored like any unknown one.
        let differs = label.contains("workload") || recorded.starts_with("authentication error");
        if case["ok"] == true || differs {
            continue;
        }
        let Err(error) = core.init_client(&config).await else { panic!("accepted: {label}") };
        assert!(
            error.message().starts_with(&recorded),
            "{label}\n  got      {}\n  recorded {recorded}",
            error.message()
        );
        assert!(error.field().is_some() || !config.starts_with('{'), "{label}: no field is named");
        checked += 1;
    }
    assert!(checked > 20, "only {checked} cases were checked");
}

/// A token whose content the public SDK accepted; the file has the content only.
fn valid_token(cases: &[Value]) -> String {
    let case = cases.iter().find(|case| case["label"] == "missing throttleSecret").unwrap();
    format!("ops_{}", op_protocol::b64::encode(case["input"]["payload"].to_string().as_bytes()))
}

/// The configuration that a language package makes of what its caller gave.
fn configuration(input: &Value, token: &str) -> String {
    let mut config = account::config(token);
    let members = config.as_object_mut().unwrap();
    for name in ["integrationName", "integrationVersion"] {
        match input.get(name) {
            Some(value) => members[name] = value.clone(),
            None => drop(members.remove(name)),
        }
    }
    config.to_string()
}
