//! Shares, and browser tabs with their links.

use std::time::Duration;

use op_protocol::envelope::Envelope;
use op_protocol::rest::{
    CreateShareRequest, CreateShareResponse, ItemPatch, ShareContent, ShareRecipient, ShareRecord, ShareStatus,
    ShareTicket, SharedFile, UploadResponse,
};
use op_protocol::share::LinkSecret;
use op_server::{Mail, RateLimits};
use op_testkit::TestServer;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::support::{Answer, Client, http, new_id, new_item, random, sealed, send};

pub(crate) const SHARES: &str = "/api/opwire/v1/shares";
pub(crate) const CREATE: &str = "/api/v4/itemshare";

/// A share that its sender is about to make.
pub(crate) struct NewShare {
    pub(crate) secret: LinkSecret,
    pub(crate) request: CreateShareRequest,
}

/// A share of an item for anyone who has the link, for a week.
pub(crate) fn new_share(vault: &str, item: &ItemPatch, version: u32) -> NewShare {
    let secret = LinkSecret::new(Zeroizing::new(random()));
    let seal = |text: &str| Envelope::seal(&secret.key(), random(), text.as_bytes());
    let request = CreateShareRequest {
        uuid: secret.uuid(),
        token: secret.token().to_string(),
        vault_uuid: vault.to_owned(),
        item_uuid: item.uuid.clone(),
        item_version: version,
        enc_overview: seal("overview of a shared item"),
        enc_details: seal("details of a shared item"),
        enc_share_secret: sealed("vault-key", &secret.fragment()),
        file_references: Vec::new(),
        kind: "P".to_owned(),
        expiry: 604_800,
        max_views: None,
        recipients: None,
        password_proof: None,
    };
    NewShare { secret, request }
}

impl NewShare {
    pub(crate) fn max_views(mut self, most: u32) -> Self {
        self.request.max_views = Some(most);
        self
    }

    pub(crate) fn recipients(mut self, list: &[&str]) -> Self {
        let recipient = |text: &&str| match text.contains('@') {
            true => ShareRecipient::Email { email: (*text).to_owned() },
            false => ShareRecipient::Domain { domain: (*text).to_owned() },
        };
        self.request.kind = "A".to_owned();
        self.request.recipients = Some(list.iter().map(recipient).collect());
        self
    }

    pub(crate) fn password(mut self, proof: &str) -> Self {
        self.request.password_proof = Some(proof.to_owned());
        self
    }

    pub(crate) fn files(mut self, files: &[&UploadResponse]) -> Self {
        let shared = |file: &&UploadResponse| SharedFile { file_uuid: file.file_id.clone() };
        self.request.file_references = files.iter().map(shared).collect();
        self
    }

    pub(crate) async fn post(&self, client: &Client) -> Answer {
        client.post(CREATE, &json!(self.request)).await
    }

    pub(crate) async fn create(self, client: &Client) -> Self {
        let response: CreateShareResponse = client.open(&self.post(client).await);
        assert_eq!(response.url, format!("{}/s", client.base));
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.request.uuid
    }

    /// A new tab with the link, on this server.
    pub(crate) fn tab(&self, base: &str) -> Tab {
        let share = ShareTicket { uuid: self.id().to_owned(), token: self.request.token.clone(), ticket: new_id() };
        Tab { base: base.to_owned(), share, http: http() }
    }
}

/// A browser tab with a link.
#[derive(Clone)]
pub(crate) struct Tab {
    pub(crate) base: String,
    pub(crate) share: ShareTicket,
    http: reqwest::Client,
}

impl Tab {
    /// Another tab, of this browser.
    pub(crate) fn another(&self) -> Self {
        Self { share: ShareTicket { ticket: new_id(), ..self.share.clone() }, ..self.clone() }
    }

    async fn post(&self, what: &str, body: Value) -> Answer {
        let url = format!("{}/api/opwire/v1/share/{what}", self.base);
        send(self.http.post(url).body(body.to_string())).await
    }

    pub(crate) async fn status(&self) -> ShareStatus {
        self.status_answer().await.json()
    }

    pub(crate) async fn status_answer(&self) -> Answer {
        self.post("status", json!(self.share)).await
    }

    pub(crate) async fn open(&self) -> Answer {
        self.post("open", json!({"share": self.share})).await
    }

    pub(crate) async fn open_with(&self, proof: &str) -> Answer {
        self.post("open", json!({"share": self.share, "passwordProof": proof})).await
    }

    pub(crate) async fn opened(&self) -> ShareContent {
        let answer = self.open().await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Asserts that the share cannot be opened, for the reason with this code.
    pub(crate) async fn gone(&self, code: u32) {
        assert_eq!(self.open().await.refused(410)["errorCode"], code);
    }

    pub(crate) async fn code(&self, email: &str) -> Answer {
        self.post("code", json!({"share": self.share, "email": email})).await
    }

    pub(crate) async fn verify(&self, email: &str, code: &str) -> Answer {
        self.post("verify", json!({"share": self.share, "email": email, "code": code})).await
    }

    pub(crate) async fn end(&self) -> Answer {
        self.post("end", json!(self.share)).await
    }

    pub(crate) async fn file(&self, file: &str, headers: &[(&str, &str)]) -> Answer {
        let ShareTicket { uuid, token, ticket } = &self.share;
        let url = format!("{}/api/opwire/v1/share/files/{file}", self.base);
        let request = self.http.get(url).header("authorization", format!("Share {uuid}.{token}.{ticket}"));
        send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// Proves an address with the code that is mailed to it.
    pub(crate) async fn prove(&self, server: &TestServer, email: &str) {
        self.code(email).await.succeeded();
        let code = mailed_code(server, email).await;
        self.verify(email, &code).await.succeeded();
    }
}

/// A server without limits that writes its mail into the folder `mail`.
pub(crate) async fn mailing_server() -> TestServer {
    TestServer::start_with(|config| {
        config.limits = RateLimits::unlimited();
        config.mail = Some(Mail::Folder(config.data_dir.join("mail")));
    })
    .await
}

/// The mails that a server has written.
pub(crate) fn mails(server: &TestServer) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(server.dir.join("mail")) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap()).collect();
    files.retain(|file| file.path().extension().is_some_and(|extension| extension == "eml"));
    files.sort_by_key(|file| file.metadata().unwrap().modified().unwrap());
    files.iter().map(|file| std::fs::read_to_string(file.path()).unwrap()).collect()
}

/// The code in the newest mail to an address; waits for it, and removes all mail.
pub(crate) async fn mailed_code(server: &TestServer, email: &str) -> String {
    for _ in 0..300 {
        let to = format!("To: {email}\r\n");
        if let Some(mail) = mails(server).into_iter().rev().find(|mail| mail.contains(&to)) {
            std::fs::remove_dir_all(server.dir.join("mail")).unwrap();
            return mail.split_once("\r\n\r\n").unwrap().1[..6].to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no mail to {email}");
}

/// A policy that allows everything.
pub(crate) fn open_policy() -> Value {
    json!({
        "allowedTypes": ["A", "P"], "allowedRecipientTypes": ["E", "D"], "maxExpiry": 2_592_000, "defaultExpiry": 604_800,
        "maxViews": null,
        "files": {"allowed": true, "maxSize": 1000, "allowedTypes": null, "allowedRecipientTypes": null, "maxExpiry": null,
                  "defaultExpiry": null, "maxViews": null},
    })
}

/// A vault with an item.
pub(crate) async fn item_of(client: &Client) -> (String, ItemPatch) {
    let vault = client.make_vault().await;
    let item = new_item("to share");
    client.change(&vault, &item).await.updated_items.unwrap();
    (vault, item)
}

pub(crate) async fn record(client: &Client, share: &NewShare) -> ShareRecord {
    client.read(&format!("{SHARES}/{}", share.id())).await
}
