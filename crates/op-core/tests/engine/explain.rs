//! What a reference matched, what it could have meant, and what comes near.

use op_core::Core;
use op_testkit::{TestAccount, Wire, account::invoke};
use serde_json::{Value, json};

async fn account() -> TestAccount {
    let account = TestAccount::create().await;
    account
        .item(json!({
            "category": "Login", "title": "Database", "notes": "by the sea",
            "sections": [{ "id": "one", "title": "Access" }, { "id": "two", "title": "Other" }],
            "fields": [
                { "id": "username", "title": "username", "fieldType": "Text", "value": "wendy" },
                { "id": "password", "title": "password", "fieldType": "Concealed", "value": "hunter2" },
                { "id": "a", "title": "key", "sectionId": "one", "fieldType": "Concealed", "value": "hunter3" },
                { "id": "b", "title": "key", "sectionId": "two", "fieldType": "Concealed", "value": "hunter4" },
                { "id": "ключ", "title": "Cyrillic", "sectionId": "two", "fieldType": "Text", "value": "hunter5" },
                { "id": "otp", "title": "code", "sectionId": "one", "fieldType": "Totp", "value": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP" },
            ],
        }))
        .await;
    account
}

/// The explanation, which holds no secret.
async fn explain(core: &Core, reference: &str) -> Value {
    let answer = invoke(core, "SecretsExplain", json!({ "secret_reference": reference })).await.unwrap();
    assert!(!answer.to_string().contains("hunter"), "{answer}");
    answer
}

fn parts(answer: &Value) -> Vec<(&str, usize)> {
    let steps = answer["steps"].as_array().unwrap();
    steps.iter().map(|step| (step["part"].as_str().unwrap(), step["matches"].as_array().unwrap().len())).collect()
}

#[tokio::test]
async fn what_matched_is_told_by_ids_in_three_requests() {
    let account = account().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    explain(&core, "op://Development/Database/password").await;
    wire.take_requests();
    let answer = explain(&core, "op://development/DATABASE/access/Key").await;
    assert_eq!(wire.take_requests().len(), 3);

    assert_eq!(parts(&answer), [("vault", 1), ("item", 1), ("section", 1), ("field", 1)]);
    assert_eq!(answer["problem"], Value::Null);
    let (vault, item) = (&answer["steps"][0]["matches"][0], &answer["steps"][1]["matches"][0]);
    assert_eq!((&vault["title"], &item["title"]), (&json!("Development"), &json!("Database")));
    let by_id = answer["idReference"].as_str().unwrap();
    assert_eq!(by_id, format!("op://{}/{}/one/a", account.vault_id, item["id"].as_str().unwrap()));
    let secret = invoke(&core, "SecretsResolve", json!({ "secret_reference": by_id })).await.unwrap();
    assert_eq!(secret, "hunter3");

    let built_in = explain(&core, "op://Development/Database/password").await;
    assert!(built_in["idReference"].as_str().unwrap().ends_with("/password"));
    let code = explain(&core, "op://Development/Database/code?attribute=otp").await;
    assert!(code["idReference"].as_str().unwrap().ends_with("/one/TOTP_otp?attribute=otp"), "{code}");
    assert!(
        explain(&core, "op://Development/Database/notes").await["idReference"]
            .as_str()
            .unwrap()
            .ends_with("/notesPlain")
    );
}

#[tokio::test]
async fn what_is_ambiguous_shows_each_candidate_with_its_reference() {
    let account = account().await;
    account.login("Twin", "1").await;
    account.login("twin", "2").await;
    let core = account.core().await;

    let fields = explain(&core, "op://Development/Database/key").await;
    assert_eq!(fields["problem"], "more than one field matched the secret reference");
    assert_eq!(fields["idReference"], Value::Null);
    let candidates = fields["steps"][2]["matches"].as_array().unwrap();
    let notes: Vec<_> = candidates.iter().map(|each| each["note"].as_str().unwrap()).collect();
    assert_eq!(notes, ["in section Access", "in section Other"]);
    for (candidate, secret) in candidates.iter().zip(["hunter3", "hunter4"]) {
        let found = invoke(&core, "SecretsResolve", json!({ "secret_reference": candidate["reference"] })).await;
        assert_eq!(found.unwrap(), secret);
    }

    let items = explain(&core, "op://Development/Twin/password").await;
    assert_eq!(items["problem"], "more than one item matched the secret reference query");
    assert_eq!(parts(&items), [("vault", 1), ("item", 2)]);
    for candidate in items["steps"][1]["matches"].as_array().unwrap() {
        let secret = invoke(&core, "SecretsResolve", json!({ "secret_reference": candidate["reference"] })).await;
        assert_eq!(secret.unwrap(), if candidate["title"] == "Twin" { "1" } else { "2" });
    }
}

#[tokio::test]
async fn what_is_missing_shows_what_comes_near() {
    let account = account().await;
    let archived = account.login("Databases", "1").await;
    let core = account.core().await;
    let ids = json!({ "vault_id": account.vault_id, "item_id": archived.id });
    invoke(&core, "ItemsArchive", ids).await.unwrap();

    for (reference, problem, steps, near) in [
        ("op://Developmnt/x/y", "no vault matched the secret reference query", 1, "Development"),
        ("op://Development/Databas/y", "no item matched the secret reference query", 2, "Database"),
        ("op://Development/Database/pasword", "the specified field cannot be found within the item", 3, "password"),
        ("op://Development/Database/Acces/key", "no section matched the secret reference", 3, "Access"),
        ("op://Development/Database/Other/code", "the specified field cannot be found within the item", 4, "code"),
    ] {
        let answer = explain(&core, reference).await;
        assert_eq!((answer["problem"].as_str(), parts(&answer).len()), (Some(problem), steps), "{reference}");
        assert_eq!(answer["steps"][steps - 1]["near"][0]["title"], near, "{reference} {answer}");
        assert_eq!(answer["idReference"], Value::Null);
    }
    let gone = explain(&core, "op://Development/Databases/password").await;
    let near = &gone["steps"][1]["near"];
    assert_eq!((&near[0]["title"], &near[0]["note"]), (&json!("Databases"), &json!("archived")));
    assert_eq!((&near[0]["reference"], &near[1]["title"]), (&Value::Null, &json!("Database")));
    let nothing = explain(&core, "op://Development/Something else/y").await;
    assert_eq!(nothing["steps"][1]["near"], json!([]));
}

#[tokio::test]
async fn names_that_no_reference_can_hold_are_explained_by_ids() {
    let account = account().await;
    account.login("a/b & c?", "slashed").await;
    let core = account.core().await;

    let written = explain(&core, "op://Development/a/b & c?/password").await;
    assert!(written["problem"].as_str().unwrap().contains("could not be parsed"), "{written}");
    let reference = &written["idReference"];
    assert_eq!(invoke(&core, "SecretsResolve", json!({ "secret_reference": reference })).await.unwrap(), "slashed");

    account.login("x/y", "1").await;
    let taken_apart = explain(&core, "op://Development/x/y/password").await;
    assert_eq!(taken_apart["problem"], "no item matched the secret reference query");
    let reference = &taken_apart["idReference"];
    assert_eq!(invoke(&core, "SecretsResolve", json!({ "secret_reference": reference })).await.unwrap(), "1");

    // There is no way to write this field's id.
    let unwritable = explain(&core, "op://Development/Database/Cyrillic").await;
    assert_eq!((&unwritable["problem"], &unwritable["idReference"]), (&Value::Null, &Value::Null));

    for bad in ["", "hunter", "op://", "op://a/b"] {
        let error = invoke(&core, "SecretsExplain", json!({ "secret_reference": bad })).await.unwrap_err();
        assert_eq!(error["name"], "ParsingSecretReference", "{bad}");
    }
    let wrong_query = explain(&core, "op://Development/Database/password?attribute=x").await;
    assert!(wrong_query["problem"].as_str().unwrap().contains("invalid query parameter value"));
    assert!(wrong_query["idReference"].as_str().unwrap().ends_with("/password"));
    let not_a_code = explain(&core, "op://Development/Database/password?attribute=otp").await;
    assert_eq!(not_a_code["problem"], "TOTP attribute can only be applied to TOTP-type fields");
}
