//! Opening shares.

use op_protocol::rest::{ShareState, ShareTicket};
use op_server::RateLimits;
use op_testkit::{Database, TestServer, postgres};
use serde_json::Value;

use crate::links::{Tab, item_of, mailing_server, new_share, record};
use crate::support::{Client, http, new_id, new_item, owner, send, with_files};

const EXPIRED: u32 = 41_001;
const SPENT: u32 = 41_002;
const ENDED: u32 = 41_004;

#[tokio::test]
async fn a_wrong_token_is_no_different_from_no_share() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).create(&client).await;
    let right = share.tab(&server.url);
    let told = async |change: fn(&mut ShareTicket)| {
        let mut tab = right.clone();
        change(&mut tab.share);
        let answers = [
            tab.status_answer().await,
            tab.open().await,
            tab.open_with("guess").await,
            tab.code("a@example.com").await,
            tab.verify("a@example.com", "000000").await,
            tab.end().await,
            tab.file(&new_id(), &[]).await,
        ];
        answers.map(|answer| {
            let mut body = answer.refused(404);
            body["requestId"] = Value::Null;
            body
        })
    };
    let wrong_token = told(|share| share.token = new_id()).await;
    let wrong_share = told(|share| share.uuid = new_id()).await;
    assert_eq!(wrong_token, wrong_share);
    assert!(wrong_token.iter().all(|body| body["errorMessage"] == "no such share"));
    assert_eq!(record(&client, &share).await.views, 0);
}

#[tokio::test]
async fn a_view_is_counted_once_for_each_tab() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).max_views(2).create(&client).await;
    let (first, second, third) = (share.tab(&server.url), share.tab(&server.url), share.tab(&server.url));
    assert_eq!(first.status().await.views_left, Some(2));
    assert_eq!(first.opened().await.views_left, Some(1));
    assert_eq!(first.opened().await.views_left, Some(1), "a reload is no view");
    assert_eq!(second.opened().await.views_left, Some(0));
    third.gone(SPENT).await;
    assert_eq!(third.status().await.state, ShareState::Spent);

    // It is spent, but for those who have it open.
    let found = record(&client, &share).await;
    assert_eq!((found.state, found.views, found.enc_share_secret), (ShareState::Spent, 2, None));
    for tab in [&first, &second] {
        let status = tab.status().await;
        assert_eq!((status.state, status.is_open, status.views_left), (ShareState::Active, true, Some(0)));
        tab.opened().await;
    }
    assert_eq!(record(&client, &share).await.views, 2);
    server.execute("UPDATE share_tickets SET open_until = 1").await;
    first.gone(SPENT).await;
    assert!(has_content(&server).await);

    // Then the content goes, and the log stays.
    let server = server.restart(|config| config.limits = RateLimits::unlimited()).await;
    until_without_content(&server).await;
    let client = Client::sign_in(&server.url, &client.person).await;
    share.tab(&server.url).gone(SPENT).await;
    assert_eq!(record(&client, &share).await.views_log.unwrap().len(), 2);
    assert!(server.rows("share_tickets").await.is_empty());
}

async fn has_content(server: &TestServer) -> bool {
    server.rows("shares").await.iter().any(|row| row.contains("b5+jwk+json"))
}

/// Waits for a sweep, which a server begins with.
async fn until_without_content(server: &TestServer) {
    for _ in 0..900 {
        if !has_content(server).await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the content is still stored");
}

#[tokio::test]
async fn an_expired_share_is_refused_before_it_is_swept() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).create(&client).await;
    let tab = share.tab(&server.url);
    tab.opened().await;
    server.execute("UPDATE shares SET expires_at = 1").await;
    server.execute("UPDATE share_tickets SET open_until = 1").await;
    tab.gone(EXPIRED).await;
    assert_eq!(tab.status().await.state, ShareState::Expired);
    let found = record(&client, &share).await;
    assert_eq!((found.state, found.ended_at.as_deref()), (ShareState::Expired, Some("1970-01-01T00:00:01Z")));
    assert_eq!((found.enc_overview, found.enc_share_secret), (None, None));

    // 90 days after its end nothing is left.
    let server = server.restart(|_| {}).await;
    for _ in 0..100 {
        if server.rows("shares").await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for table in ["shares", "share_views", "share_viewers", "share_tickets"] {
        assert_eq!(server.rows(table).await, <[&str; 0]>::default(), "{table}");
    }
    share.tab(&server.url).open().await.refused(404);
}

#[tokio::test]
async fn a_password_is_needed_and_few_are_tried() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let proof = new_id();
    let share = new_share(&vault, &item, 1).password(&proof).max_views(1).create(&client).await;
    assert!(record(&client, &share).await.has_password);
    let tab = share.tab(&server.url);
    assert!(tab.status().await.needs_password);
    // What is missing is no guess.
    for _ in 0..20 {
        assert_eq!(tab.open().await.refused(403)["errorCode"], 40_313);
    }
    for _ in 0..9 {
        assert_eq!(tab.open_with(&new_id()).await.refused(403)["errorCode"], 40_313);
    }
    assert_eq!(record(&client, &share).await.views, 0, "a wrong password is no view");
    assert_eq!(tab.open_with(&proof).await.status, 200);
    assert_eq!(tab.open_with(&new_id()).await.refused(403)["errorCode"], 40_313, "also for those who have it open");
    let locked = tab.open_with(&proof).await;
    locked.refused(429);
    let seconds: u32 = locked.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3_000..=3_600).contains(&seconds), "{seconds}");
    server.execute("UPDATE shares SET wrong_since = wrong_since - 3600").await;
    assert_eq!(tab.open_with(&proof).await.status, 200);
}

#[tokio::test]
async fn ten_thousand_guesses_of_a_password_are_ten() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).password(&new_id()).create(&client).await;
    let tab = &share.tab(&server.url);
    let mut evaluated = 0;
    for _ in 0..100 {
        let guesses = (0..100).map(async |_| tab.open_with(&new_id()).await.status.as_u16());
        let statuses = futures_util::future::join_all(guesses).await;
        assert!(statuses.iter().all(|status| [403, 429].contains(status)));
        evaluated += statuses.iter().filter(|status| **status == 403).count();
    }
    assert_eq!(evaluated, 10);
}

/// Opens a share in 1,000 tabs at once, and returns how many succeed.
async fn open_at_once(tabs: &[Tab]) -> usize {
    let opened = tabs.iter().map(async |tab| {
        let answer = tab.open().await;
        assert!([200, 410].contains(&answer.status.as_u16()), "{}", String::from_utf8_lossy(&answer.body));
        answer.status == 200
    });
    futures_util::future::join_all(opened).await.into_iter().filter(|opened| *opened).count()
}

#[tokio::test]
async fn of_a_thousand_that_open_at_once_one_succeeds() {
    // Over PostgreSQL, two servers share them.
    let (one, other) = match std::env::var(postgres::POSTGRES_VARIABLE) {
        Ok(url) => {
            let database = Database::Postgres(postgres::new_database(&url).await);
            let start =
                async || TestServer::start_on(database.clone(), |config| config.limits = RateLimits::unlimited()).await;
            (start().await, Some(start().await))
        }
        Err(_) => (TestServer::start().await, None),
    };
    let client = owner(&one).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).max_views(1).create(&client).await;
    let first = [Some(&one), other.as_ref()].into_iter().flatten().map(|server| share.tab(&server.url));
    let tabs: Vec<Tab> = first.collect::<Vec<_>>().iter().cycle().take(1_000).map(Tab::another).collect();
    assert_eq!(open_at_once(&tabs).await, 1);
    let found = record(&client, &share).await;
    assert_eq!((found.views, found.views_log.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn whoever_has_it_open_may_end_it() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).create(&client).await;
    let (reader, other) = (share.tab(&server.url), share.tab(&server.url));
    reader.end().await.refused(403);
    reader.opened().await;
    other.opened().await;
    reader.end().await.succeeded();
    for tab in [&reader, &other] {
        tab.gone(ENDED).await;
        assert_eq!(tab.status().await.state, ShareState::Ended);
    }
    assert_eq!(reader.end().await.refused(410)["errorCode"], ENDED);
    assert!(!has_content(&server).await);
    assert_eq!(record(&client, &share).await.state, ShareState::Ended);
}

#[tokio::test]
async fn each_recipient_has_views_and_an_end_of_their_own() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let (wendy, bob) = ("wendy@example.com", "bob@example.com");
    let share = new_share(&vault, &item, 1).recipients(&[wendy, bob]).max_views(1).create(&client).await;
    let tab = share.tab(&server.url);
    tab.prove(&server, wendy).await;
    tab.opened().await;
    tab.opened().await;
    let again = share.tab(&server.url);
    again.prove(&server, wendy).await;
    assert_eq!(again.status().await.state, ShareState::Spent, "for her");
    again.gone(SPENT).await;

    let other = share.tab(&server.url);
    other.prove(&server, bob).await;
    assert_eq!(other.status().await.views_left, Some(1));
    other.opened().await;
    other.end().await.succeeded();
    other.gone(ENDED).await;
    tab.opened().await;
    let found = record(&client, &share).await;
    assert_eq!((found.state, found.views), (ShareState::Spent, 2), "nobody is left but who has it open");
    let emails: Vec<_> = found.views_log.unwrap().into_iter().map(|view| view.email.unwrap()).collect();
    assert_eq!(emails, [wendy, bob]);
    tab.end().await.succeeded();
    tab.gone(SPENT).await;
    assert!(!has_content(&server).await);

    // In a domain, somebody may always be left.
    let share = new_share(&vault, &item, 1).recipients(&["example.com"]).max_views(1).create(&client).await;
    for email in [wendy, bob] {
        let tab = share.tab(&server.url);
        tab.prove(&server, email).await;
        tab.opened().await;
        tab.end().await.succeeded();
    }
    assert_eq!(record(&client, &share).await.state, ShareState::Active);
}

#[tokio::test]
async fn files_are_read_while_the_share_is_open_in_parts_too() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let content: Vec<u8> = (0..100_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
    let (file, other) = (client.uploaded(&content).await, client.uploaded(b"not shared").await);
    let item = with_files(new_item("with files"), &[&file, &other]);
    client.change(&vault, &item).await.updated_items.unwrap();
    let share = new_share(&vault, &item, 1).files(&[&file]).max_views(1).create(&client).await;
    let tab = share.tab(&server.url);
    assert_eq!(tab.status().await.files, 1);
    tab.file(&file.file_id, &[]).await.refused(403);
    tab.opened().await;

    let all = tab.file(&file.file_id, &[]).await;
    assert_eq!((all.status.as_u16(), &all.body), (200, &content));
    assert_eq!(all.headers["content-type"], "application/octet-stream");
    assert_eq!(all.headers["accept-ranges"], "bytes");
    assert_eq!(all.headers["cache-control"], "no-store");
    let tag = all.headers["etag"].to_str().unwrap();
    for (range, part) in [("bytes=10-19", 10..20), ("bytes=99990-", 99_990..100_000), ("bytes=-1", 99_999..100_000)] {
        let answer = tab.file(&file.file_id, &[("range", range), ("if-range", tag)]).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (206, &content[part.clone()]), "{range}");
        let shown = format!("bytes {}-{}/100000", part.start, part.end - 1);
        assert_eq!(answer.headers["content-range"], shown.as_str());
        assert_eq!(answer.headers["content-length"], part.len().to_string().as_str());
    }
    let answer = tab.file(&file.file_id, &[("range", "bytes=100000-")]).await;
    answer.refused(416);
    assert_eq!(answer.headers["content-range"], "bytes */100000");
    assert_eq!(tab.file(&file.file_id, &[("range", "bytes=0-0"), ("if-range", "\"old\"")]).await.body, content);

    tab.file(&other.file_id, &[]).await.refused(404);
    share.tab(&server.url).file(&file.file_id, &[]).await.refused(410);
    let url = format!("{}/api/opwire/v1/share/files/{}", server.url, file.file_id);
    send(http().get(&url)).await.refused(401);
    send(http().get(&url).header("authorization", "Share a.b.c")).await.refused(404);
    server.execute("UPDATE share_tickets SET open_until = 1").await;
    tab.file(&file.file_id, &[]).await.refused(410);
}

#[tokio::test]
async fn no_other_web_page_may_call_and_nothing_is_cached() {
    let server = TestServer::start_with(|config| config.limits.share_requests_per_minute = 8).await;
    let body = serde_json::json!({"uuid": new_id(), "token": new_id(), "ticket": new_id()});
    let post = |path: &str| http().post(format!("{}{path}", server.url)).header("origin", "https://evil.example");
    for (method, path) in op_server::ROUTES.iter().filter(|(_, path)| path.starts_with("/api/opwire/v1/share/")) {
        let url = format!("{}{}", server.url, path.replace("{file}", &new_id()));
        let preflight = http().request(reqwest::Method::OPTIONS, &url);
        let preflight =
            preflight.header("origin", "https://evil.example").header("access-control-request-method", *method);
        let answer = send(preflight).await;
        assert_eq!(answer.status, 405);
        let called = send(http().request(method.parse().unwrap(), &url).header("origin", "https://evil.example")).await;
        for answer in [answer, called] {
            assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{path}");
            assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        }
    }
    // A minute may end meanwhile.
    for request in 1.. {
        let answer = send(post("/api/opwire/v1/share/status").body(body.to_string())).await;
        if answer.status == 404 {
            assert!(request < 100, "nothing was limited");
            continue;
        }
        answer.refused(429);
        assert!(answer.headers.contains_key("retry-after"));
        break;
    }
}

#[tokio::test]
async fn nothing_that_opens_a_share_is_stored() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let proof = new_id();
    let share = new_share(&vault, &item, 1).recipients(&["wendy@example.com"]).password(&proof).create(&client).await;
    let tab = share.tab(&server.url);
    tab.code("wendy@example.com").await.succeeded();
    let code = crate::links::mailed_code(&server, "wendy@example.com").await;
    let codes = server.rows("share_codes").await;
    assert!(!codes.is_empty());
    tab.verify("wendy@example.com", &code).await.succeeded();
    assert_eq!(tab.open_with(&proof).await.status, 200);
    let mut stored = vec![codes];
    for table in ["shares", "share_tickets", "share_viewers", "share_views", "audit"] {
        let rows = server.rows(table).await;
        assert!(!rows.is_empty(), "{table}");
        stored.push(rows);
    }
    let secrets = [
        share.secret.fragment().to_string(),
        share.secret.token().to_string(),
        tab.share.ticket.clone(),
        proof,
        code,
        "details of a shared item".to_owned(),
    ];
    for secret in secrets {
        let bytes = format!("{:?}", secret.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        for row in stored.iter().flatten() {
            assert!(!row.contains(&secret) && !row.contains(bytes), "{secret} is in {row}");
        }
    }
}
