//! Fuzzes requests of people with a link to the account server: the header `Authorization: Share`, ranges of files, and
//! the bodies of the other routes.

use std::{sync::Arc, time::Duration};

use op_core::{
    Host,
    host::{HttpMethod, HttpRequest, HttpResponse, TransportErrorKind},
};
use op_protocol::{
    id,
    item::Details,
    rest::{
        ShareContent, ShareTicket,
        routes::{END_SHARE, OPEN_SHARE, SHARE_CODE, SHARE_FILE, SHARE_STATUS, VERIFY_SHARE},
    },
    share::LinkSecret,
};
use op_testkit::{
    TestServer,
    account::{TestAccount, host},
    bare::Bare,
    shares,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::input::{Input, json_bytes, seed, text};

const FILE: u8 = 0;
const ROUTES: [&str; 5] = [SHARE_STATUS.path, OPEN_SHARE.path, SHARE_CODE.path, VERIFY_SHARE.path, END_SHARE.path];
/// Whether the ticket is the right one, one with something else after it, or any text.
const TICKETS: [Ticket; 3] = [Ticket::Right, Ticket::Longer, Ticket::Any];
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ticket {
    Right,
    Longer,
    Any,
}

/// Reads a part of a shared file, or sends a body to another route. The input has the route, the kind of ticket, and the
/// headers or the body.
pub(crate) fn visitor(data: &[u8]) {
    thread_local!(static SCENE: Scene = Scene::start());
    SCENE.with(|scene| {
        let mut input = Input(data);
        let route = input.byte() % (ROUTES.len() as u8 + 1);
        if route == FILE {
            scene.file(input);
        } else {
            let path = ROUTES[usize::from(route - 1)];
            if let Some(answer) = scene.send(HttpMethod::Post, path, Vec::new(), input.0.to_vec()) {
                assert!(answer.status < 500, "{path}: {}", text(&answer.body));
                assert!(answer.status >= 400, "{path}: somebody without the link got {}", text(&answer.body));
            }
        }
        scene.open();
    });
}

pub(crate) fn visitor_seeds() -> Vec<Vec<u8>> {
    let ranges = ["bytes=0-4", "bytes=5-", "bytes=-3", "bytes=999999-", "bytes=3-1", "bytes=0-0,2-3", "items=0-1", ""];
    let whole = ranges.iter().map(|range| seed(&[FILE, 0], format!("\0{range}\0")));
    let tagged = ["\"x\"", "x", "Sun, 29 Nov 2026 00:00:00 GMT"]
        .iter()
        .map(|tag| seed(&[FILE, 0], format!("\0bytes=0-4\0{tag}")));
    let tickets = ["Share a.b.c", "Share a.b", "Share ...", "Bearer a.b.c", "share a.b.c", "Share \u{e9}.b.c"];
    let other = tickets.iter().map(|ticket| seed(&[FILE, 2], format!("{ticket}\0bytes=0-4")));
    let longer = [".x", " ", "x"].iter().map(|end| seed(&[FILE, 1], format!("{end}\0")));
    let share = json!({"uuid": id::new_id([1; 16]), "token": id::new_id([2; 16]), "ticket": id::new_id([3; 16])});
    let bodies = [
        share.clone(),
        json!({"share": share, "passwordProof": "x"}),
        json!({"share": share, "email": "wendy@example.com"}),
        json!({"share": share, "email": "wendy@example.com", "code": "123456"}),
        share.clone(),
    ];
    let bodies = (1..).zip(bodies).map(|(route, body): (u8, Value)| seed(&[route], json_bytes(&body)));
    whole.chain(tagged).chain(other).chain(longer).chain(bodies).collect()
}

/// The account server, and a share with a file that a tab has open.
struct Scene {
    runtime: Runtime,
    host: Arc<dyn Host>,
    ticket: ShareTicket,
    file_id: String,
    /// The ciphertext of the file.
    content: Vec<u8>,
    server: TestServer,
}

impl Scene {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (server, link) = runtime.block_on(async {
            let TestAccount { server, token, vault_id, .. } = TestAccount::create().await;
            let session = Bare::sign_in(host(), &token).await.unwrap();
            let case = json!({
                "templateUuid": "001", "overview": {"title": "shared"}, "details": {},
                "files": [{"name": "a file", "content": "bm90aGluZyBzZWNyZXQ="}],
            });
            let share = shares::create(&session, &vault_id, serde_json::from_value(case).unwrap()).await.unwrap();
            (server, share.link)
        });
        let secret = LinkSecret::from_link(&link).unwrap();
        let ticket =
            ShareTicket { uuid: secret.uuid(), token: secret.token().to_string(), ticket: id::new_id([3; 16]) };
        let mut scene = Self { runtime, host: host(), ticket, file_id: String::new(), content: Vec::new(), server };
        let details = scene.open().enc_details.open(&secret.key()).unwrap();
        let files: Vec<_> = Details::from_json(&details).unwrap().files().collect();
        scene.file_id = files[0].document_id.text().to_owned();
        scene.content = scene.read(scene.authorization(), Vec::new()).unwrap().body;
        assert!(scene.content.len() > 16);
        scene
    }

    /// Opens the share, which has to work whatever was sent before.
    fn open(&self) -> ShareContent {
        let body = json_bytes(&json!({"share": self.ticket}));
        let answer = self.send(HttpMethod::Post, OPEN_SHARE.path, Vec::new(), body).unwrap();
        assert_eq!(answer.status, 200, "{}", text(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn authorization(&self) -> String {
        format!("Share {}.{}.{}", self.ticket.uuid, self.ticket.token, self.ticket.ticket)
    }

    fn file(&self, mut input: Input<'_>) {
        let kind = input.choice(&TICKETS);
        let (ticket, range, tag) = (text(input.part()), text(input.part()), text(input.part()));
        let right = self.authorization();
        let authorization = match kind {
            Ticket::Right => right.clone(),
            Ticket::Longer => right.clone() + &ticket,
            Ticket::Any => ticket,
        };
        let is_right = authorization.trim() == right;
        let mut headers = vec![("range", range)];
        if !tag.is_empty() {
            headers.push(("if-range", tag));
        }
        let Some(answer) = self.read(authorization, headers) else { return };
        let HttpResponse { status, body, .. } = &answer;
        match (*status, answer.header("content-range")) {
            (200, None) => assert_eq!(*body, self.content),
            (206, Some(part)) => assert_eq!(Some(&**body), self.part(part), "{part}"),
            (416, Some(part)) => assert_eq!(part, format!("bytes */{}", self.content.len())),
            (400.., _) => assert!(*status < 500 && !is_right, "{}", text(body)),
            other => panic!("{other:?}"),
        }
        assert!(is_right || *status >= 400 || kind == Ticket::Longer, "a wrong ticket reads the file");
    }

    /// The part of the file that a header `Content-Range` names.
    fn part(&self, range: &str) -> Option<&[u8]> {
        let (bounds, size) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = bounds.split_once('-')?;
        assert_eq!(size, self.content.len().to_string());
        self.content.get(first.parse().ok()?..=last.parse().ok()?)
    }

    fn read(&self, authorization: String, mut headers: Vec<(&'static str, String)>) -> Option<HttpResponse> {
        headers.push(("authorization", authorization));
        self.send(HttpMethod::Get, &SHARE_FILE.at([&self.file_id]).path, headers, Vec::new())
    }

    /// Returns the answer, or `None` if a header cannot be sent.
    fn send(
        &self,
        method: HttpMethod,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Option<HttpResponse> {
        let url = format!("{}{path}", self.server.url);
        let answer =
            self.runtime.block_on(self.host.http(HttpRequest { method, url, headers, body, timeout: TIMEOUT }));
        match answer {
            Ok(answer) => Some(answer),
            Err(error) if error.kind == TransportErrorKind::InvalidRequest => None,
            Err(error) => panic!("{error:?}"),
        }
    }
}
