//! What differs between two states of an item.

use op_core::Core;
use op_testkit::{
    TestAccount,
    account::{self, invoke},
};
use serde_json::{Value, json};

fn diff(before: &Value, after: &Value, reveal: bool) -> Result<Vec<Value>, Value> {
    let core = Core::new(account::host());
    let parameters = json!({ "before": before, "after": after, "reveal": reveal });
    let invocation = json!({ "invocation": { "parameters": { "name": "ItemsDiff", "parameters": parameters } } });
    match core.invoke_sync(&invocation.to_string()) {
        Ok(text) => Ok(serde_json::from_str(&text).unwrap()),
        Err(error) => Err(serde_json::from_str(&error.to_json()).unwrap()),
    }
}

async fn item() -> (TestAccount, Value) {
    let account = TestAccount::create().await;
    let item = account
        .item(json!({
            "category": "Login", "title": "Example", "notes": "hush", "tags": ["a", "b", "c"],
            "websites": [{ "url": "https://a.example", "label": "one", "autofillBehavior": "Never" }],
            "sections": [{ "id": "s", "title": "S" }, { "id": "t", "title": "T" }],
            "fields": [
                { "id": "username", "title": "username", "fieldType": "Text", "value": "wendy" },
                { "id": "x", "title": "X", "sectionId": "s", "fieldType": "Concealed", "value": "hunter2" },
                { "id": "y", "title": "Y", "sectionId": "s", "fieldType": "Text", "value": "why" },
                { "id": "z", "title": "Z", "sectionId": "t", "fieldType": "Address", "value": "", "details": { "type": "Address",
                    "content": { "street": "1 Main St", "city": "X", "country": "us", "zip": "1", "state": "CA" } } },
            ],
        }))
        .await;
    (account, serde_json::to_value(&item).unwrap())
}

#[tokio::test]
async fn every_part_that_changes_is_told_without_secrets() {
    let (account, before) = item().await;
    assert_eq!(diff(&before, &before, true).unwrap(), [json!(null); 0]);
    let mut after = before.clone();
    after["title"] = "Renamed".into();
    after["notes"] = "".into();
    after["tags"] = json!(["c", "a", "d"]);
    after["websites"][0]["autofillBehavior"] = "ExactDomain".into();
    after["websites"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "url": "https://b.example", "label": "", "autofillBehavior": "Never" }));
    after["sections"][1]["title"] = "Tea".into();
    after["fields"][1]["value"] = "hunter3".into();
    after["fields"][2]["sectionId"] = "t".into();
    after["fields"][2]["title"] = "Why".into();
    after["fields"][3]["details"]["content"]["city"] = "Y".into();
    after["fields"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": "n", "title": "New", "sectionId": "s", "fieldType": "Totp", "value": "JBSWY3DPEHPK3PXP" }));
    after["fields"].as_array_mut().unwrap().remove(0);

    let told = |reveal: bool| {
        let line = |each: &Value| {
            let text = |member: &str| each[member].as_str().unwrap_or("-").to_owned();
            [text("path"), text("title"), text("change"), text("before"), text("after")].join("|")
        };
        diff(&before, &after, reveal).unwrap().iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        told(false),
        [
            "title||changed|Example|Renamed",
            "notes||changed|-|-",
            "tags[b]||removed|b|-",
            "tags[d]||added|-|d",
            "tags||changed|a, c|c, a",
            "websites[https://a.example].autofillBehavior||changed|Never|ExactDomain",
            "websites[https://b.example]||added|-|https://b.example",
            "sections[t].title|Tea|changed|T|Tea",
            "fields[username]|username|removed|-|-",
            "fields[x].value|X|changed|-|-",
            "fields[y].title|Why|changed|Y|Why",
            "fields[y].sectionId|Why|changed|s|t",
            "fields[z].details|Z|changed|-|-",
            "fields[n]|New|added|-|-",
        ]
    );
    let revealed = told(true);
    for line in [
        "notes||changed|hush|",
        "fields[x].value|X|changed|hunter2|hunter3",
        "fields[username]|username|removed|wendy|-",
    ] {
        assert!(revealed.iter().any(|told| told == line), "{line} {revealed:#?}");
    }
    // The put changes just that.
    let core = account.core().await;
    let put = invoke(&core, "ItemsPut", json!({ "item": after })).await.unwrap();
    let left = diff(&after, &put, true).unwrap();
    let kept: Vec<_> = left.iter().filter(|each| each["path"] != "fields").collect();
    assert!(
        kept.iter().all(|each| each["path"].as_str().unwrap().contains("TOTP_n")
            || each["path"] == "fields[n]"
            || each["path"] == "fields[z].value"),
        "{kept:#?}"
    );
}

#[tokio::test]
async fn what_put_refuses_is_refused() {
    let (_account, before) = item().await;
    let with = |member: &str, value: Value| {
        let mut after = before.clone();
        after[member] = value;
        diff(&before, &after, false).unwrap_err()
    };
    assert_eq!(with("id", json!("a".repeat(26)))["field"], "after.id");
    let category = with("category", json!("SecureNote"));
    assert_eq!((&category["name"], &category["field"]), (&json!("InvalidConfiguration"), &json!("after.category")));
    let tags = with("tags", json!(["", "x"]));
    assert!(tags["message"].as_str().unwrap().contains("empty tags"), "{tags}");
    assert_eq!(with("fields", json!(5))["name"], "InvalidInvocation");
}
