use std::io::{self, Write};

use op_protocol::b64;
use op_protocol::permissions::ALL;
use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::links::{mailed_code, mailing_server, new_share};
use crate::support::{Client, LOG, Person, create_account, http, new_id, new_item, send, start};

struct Capture;

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything the server's own code can log, from a whole sign-in and the calls after it.
#[tokio::test]
async fn the_log_names_requests_and_users_but_no_secret() {
    let filter = EnvFilter::new("trace,hyper=info,reqwest=info,h2=info,rustls=info");
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(|| Capture).init();
    let server = mailing_server().await;
    let person = Person::new("owner");
    create_account(&server, &person, &server.setup_token).await.succeeded();
    let client = Client::sign_in(&server.url, &person).await;
    let vault = client.make_vault().await;
    let item = new_item("a secret");
    client.change(&vault, &item).await;
    let program = client.make_service_account(&vault, ALL & !1).await;
    let program = Client::sign_in(&server.url, &program).await;
    assert_eq!(program.get(&format!("/api/v1/vault/{vault}/item/{}?marker=query-value", item.uuid)).await.status, 200);
    let refused = program.get("/api/v3/vault/aaaaaaaaaaaaaaaaaaaaaaaaaa?attrs=marker-of-query").await.refused(404);
    start(&server.url, "nobody@elsewhere.example").await;
    let proof = new_id();
    let share = new_share(&vault, &item, 1).recipients(&["wendy@example.com"]).password(&proof);
    let share = share.create(&client).await;
    let tab = share.tab(&server.url);
    tab.code("wendy@example.com").await.succeeded();
    let code = mailed_code(&server, "wendy@example.com").await;
    tab.verify("wendy@example.com", &code).await.succeeded();
    assert_eq!(tab.open_with(&proof).await.status, 200);
    tab.file(&new_id(), &[]).await.refused(404);
    // What a mail gateway makes of a link.
    let fragment = share.secret.fragment().to_string();
    assert_eq!(send(http().get(format!("{}/s%23{fragment}", server.url))).await.status, 200);

    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let signature = client.signature("GET", &server.url);
    let secrets = [
        server.setup_token.clone(),
        person.user.email.clone(),
        program.person.user.email.clone(),
        "nobody@elsewhere.example".to_owned(),
        person.user.verifier.clone(),
        person.user.salt.clone(),
        b64::encode(&*person.x),
        b64::encode(client.keys.key.bytes()),
        format!("{:?}", client.keys.key.bytes()),
        client.keys.id.clone(),
        signature.rsplit_once('|').unwrap().1.to_owned(),
        item.enc_details.data.clone(),
        item.enc_overview.data.clone(),
        fragment,
        share.secret.token().to_string(),
        share.id().to_owned(),
        tab.share.ticket.clone(),
        proof,
        "wendy@example.com".to_owned(),
        format!("{code}\\r\\n"),
        share.request.enc_details.data.clone(),
        "%23".to_owned(),
        "query-value".to_owned(),
        "marker-of-query".to_owned(),
        "x-agilebits-mac".to_owned(),
    ];
    for secret in secrets {
        assert!(!log.contains(&secret), "logged: {secret}");
    }

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered = |id: &str| lines.iter().find(|line| line["span"]["id"] == id && line["fields"]["status"].is_u64());
    let line = answered(refused["requestId"].as_str().unwrap()).expect("the request id of a refusal is in the log");
    assert_eq!(line["fields"]["status"], 404);
    assert_eq!((&line["span"]["method"], &line["span"]["route"]), (&"GET".into(), &"/api/v3/vault/{vault}".into()));
    assert_eq!(line["span"]["user"], program.person.user.uuid.as_str());
    assert!(line["fields"]["micros"].is_u64());
    let pages = lines.iter().filter(|line| line["span"]["route"] == "/s" && line["fields"]["status"] == 200);
    assert!(pages.count() >= 1, "a damaged link is a request for the page");
}
