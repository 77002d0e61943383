//! Codes that prove the address of a share's recipient.

use std::collections::BTreeMap;

use op_protocol::rest::ShareState;
use op_server::Mail;
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::links::{CREATE, NewShare, item_of, mailed_code, mailing_server, mails, new_share, record};
use crate::support::{Answer, Client, owner};

const WENDY: &str = "wendy@example.com";
const MALLORY: &str = "mallory@elsewhere.example";
const WRONG_CODE: u32 = 40_310;
const CODE_EXPIRED: u32 = 40_311;
const NEEDS_EMAIL: u32 = 40_312;

async fn share_for(client: &Client, recipients: &[&str]) -> NewShare {
    let (vault, item) = item_of(client).await;
    new_share(&vault, &item, 1).recipients(recipients).create(client).await
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    if code == "000000" { "000001".to_owned() } else { "000000".to_owned() }
}

fn code_of(answer: &Answer) -> u32 {
    answer.refused(403)["errorCode"].as_u64().unwrap().try_into().unwrap()
}

#[tokio::test]
async fn a_recipient_proves_their_address_and_opens() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let tab = share.tab(&server.url);
    assert!(tab.status().await.needs_email);
    assert_eq!(code_of(&tab.open().await), NEEDS_EMAIL);

    tab.code(&format!("  {} ", WENDY.to_uppercase())).await.succeeded();
    let mail = loop {
        if let [mail] = mails(&server).as_slice() {
            break mail.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(mail.contains("owner") && mail.contains("Acme") && mail.contains("ten minutes"), "{mail}");
    let hints = [share.id(), &share.request.item_uuid, "shared item", share.request.token.as_str(), "http"];
    assert!(hints.iter().all(|hint| !mail.contains(hint)), "{mail}");
    let code = mailed_code(&server, WENDY).await;
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    assert_eq!(code_of(&tab.verify(WENDY, &other_than(&code)).await), WRONG_CODE);
    tab.verify(WENDY, &code).await.succeeded();
    assert!(!tab.status().await.needs_email);
    tab.opened().await;
    assert_eq!(record(&client, &share).await.views_log.unwrap()[0].email.as_deref(), Some(WENDY));

    // The code is used up, and good for its tab only.
    assert_eq!(code_of(&tab.verify(WENDY, &code).await), CODE_EXPIRED);
    let other = share.tab(&server.url);
    assert_eq!(code_of(&other.open().await), NEEDS_EMAIL);
    tab.code(WENDY).await.succeeded();
    let code = mailed_code(&server, WENDY).await;
    assert_eq!(code_of(&other.verify(WENDY, &code).await), CODE_EXPIRED);
    tab.verify(WENDY, &code).await.succeeded();
    assert!(tab.status().await.is_open, "to prove the same address again closes nothing");
}

#[tokio::test]
async fn a_code_is_valid_for_five_tries_and_ten_minutes() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let tab = share.tab(&server.url);
    tab.code(WENDY).await.succeeded();
    let code = mailed_code(&server, WENDY).await;
    for _ in 0..4 {
        assert_eq!(code_of(&tab.verify(WENDY, &other_than(&code)).await), WRONG_CODE);
    }
    assert_eq!(code_of(&tab.verify(WENDY, &other_than(&code)).await), CODE_EXPIRED);
    assert_eq!(code_of(&tab.verify(WENDY, &code).await), CODE_EXPIRED);

    // A new code replaces the old one.
    tab.code(WENDY).await.succeeded();
    let old = mailed_code(&server, WENDY).await;
    tab.code(WENDY).await.succeeded();
    let new = mailed_code(&server, WENDY).await;
    if old != new {
        assert_eq!(code_of(&tab.verify(WENDY, &old).await), WRONG_CODE);
    }
    server.execute_volatile("UPDATE share_codes SET expires_at = expires_at - 600").await;
    assert_eq!(code_of(&tab.verify(WENDY, &new).await), CODE_EXPIRED);
}

#[tokio::test]
async fn ten_thousand_guesses_of_codes_are_twenty_five() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let (mut codes, mut evaluated) = (0, 0);
    let browser = share.tab(&server.url);
    for _ in 0..100 {
        // Each from a tab of its own, with as many codes as it can get.
        let tab = &browser.another();
        codes += usize::from(tab.code(WENDY).await.status == 200);
        let guesses = (0..100).map(async |guess| code_of(&tab.verify(WENDY, &format!("x{guess:05}")).await));
        let told = futures_util::future::join_all(guesses).await;
        evaluated += told.iter().filter(|code| **code == WRONG_CODE).count();
    }
    assert_eq!(codes, 5);
    // The last try of a code says that a new one is needed.
    assert_eq!(evaluated, 5 * 4);
    let answer = share.tab(&server.url).code(WENDY).await;
    answer.refused(429);
    assert!(answer.headers.contains_key("retry-after"));
    // Another share's codes are others.
    let other = share_for(&client, &[WENDY]).await;
    other.tab(&server.url).code(WENDY).await.succeeded();
}

/// What a person learns who asks for codes and tries them, without the ids of requests.
async fn all_that_is_told(share: &NewShare, base: &str, email: &str) -> Vec<(u16, Value, BTreeMap<String, String>)> {
    let tab = share.tab(base);
    let mut answers = vec![tab.verify(email, "x00000").await];
    for _ in 0..6 {
        answers.push(tab.code(email).await);
        for _ in 0..6 {
            answers.push(tab.verify(email, "x00000").await);
        }
    }
    answers.push(tab.open().await);
    let told = answers.iter().map(|answer| {
        let mut body: Value = answer.json();
        body["requestId"] = Value::Null;
        if answer.status == 429 {
            body["errorMessage"] = Value::Null;
        }
        let differs = |name: &str| ["date", "retry-after", "content-length"].contains(&name);
        let headers = answer.headers.iter().filter(|(name, _)| !differs(name.as_str()));
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (answer.status.as_u16(), body, headers.collect())
    });
    told.collect()
}

#[tokio::test]
async fn nobody_learns_who_is_invited() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let invited = all_that_is_told(&share, &server.url, WENDY).await;
    let uninvited = all_that_is_told(&share, &server.url, MALLORY).await;
    assert_eq!(invited, uninvited);
    for _ in 0..100 {
        if mails(&server).len() == 5 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mails = mails(&server);
    assert_eq!(mails.len(), 5);
    assert!(mails.iter().all(|mail| mail.contains(&format!("To: {WENDY}\r\n"))), "nobody else gets mail");
    // Both leave as much behind.
    assert_eq!(server.rows("share_codes").await.len(), 2);
}

#[tokio::test]
async fn a_right_guess_of_somebody_not_invited_opens_nothing() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let (tab, other) = (share.tab(&server.url), share.tab(&server.url));
    other.code(MALLORY).await.succeeded();
    server.execute_volatile("UPDATE share_codes SET tries = 1").await;
    tab.code(WENDY).await.succeeded();
    let code = mailed_code(&server, WENDY).await;
    // Now the code that is known is Mallory's.
    server
        .execute_volatile(
            "UPDATE share_codes SET email_hash = (SELECT email_hash FROM share_codes WHERE tries = 1) WHERE tries = 0",
        )
        .await;
    assert_eq!(code_of(&tab.verify(MALLORY, &code).await), WRONG_CODE);
    assert_eq!(code_of(&tab.open().await), NEEDS_EMAIL);
}

#[tokio::test]
async fn everyone_of_a_domain_is_a_recipient() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &["example.com"]).await;
    let tab = share.tab(&server.url);
    tab.prove(&server, "anyone@example.com").await;
    tab.opened().await;
    for email in ["anyone@sub.example.com", "anyone@notexample.com"] {
        tab.code(email).await.succeeded();
    }
    // A mail that comes later than these would have.
    tab.code("other@example.com").await.succeeded();
    mailed_code(&server, "other@example.com").await;
    assert!(mails(&server).is_empty());
    assert!(tab.code("no address").await.refused(400)["errorMessage"].as_str().unwrap().contains("e-mail"));
}

#[tokio::test]
async fn another_address_in_the_same_tab_is_another_viewer() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let bob = "bob@example.com";
    let share = new_share(&vault, &item, 1).recipients(&[WENDY, bob]).max_views(1).create(&client).await;
    let tab = share.tab(&server.url);
    tab.prove(&server, WENDY).await;
    tab.opened().await;
    tab.prove(&server, bob).await;
    let status = tab.status().await;
    assert_eq!((status.state, status.is_open, status.views_left), (ShareState::Active, false, Some(1)));
    tab.opened().await;
    assert_eq!(record(&client, &share).await.views, 2);
}

#[tokio::test]
async fn without_mail_there_are_no_recipients() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let policy: Value = client.read(&format!("{CREATE}/preflight/{vault}/{}", item.uuid)).await;
    assert_eq!(policy["allowedTypes"], json!(["P"]));
    new_share(&vault, &item, 1).recipients(&[WENDY]).post(&client).await.refused(400);
    let share = new_share(&vault, &item, 1).create(&client).await;
    share.tab(&server.url).code(WENDY).await.refused(400);

    // A server that has lost its mail says so, to everybody alike.
    let server = mailing_server().await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let server = server.restart(|_| {}).await;
    for email in [WENDY, MALLORY] {
        share.tab(&server.url).code(email).await.refused(503);
    }
}

/// A mail server that accepts connections and says nothing.
#[tokio::test]
async fn a_mail_server_that_fails_holds_nobody_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let server = TestServer::start_with(|config| {
        let from = "Acme <share@example.com>".parse().unwrap();
        config.mail = Some(Mail::Smtp { server: url.parse().unwrap(), from });
    })
    .await;
    let client = owner(&server).await;
    let share = share_for(&client, &[WENDY]).await;
    let began = std::time::Instant::now();
    share.tab(&server.url).code(WENDY).await.succeeded();
    assert!(began.elapsed() < std::time::Duration::from_secs(5));
}
