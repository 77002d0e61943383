//! `opwire-scale`: measures vaults with many items natively, and the lower bound for every client.
//!
//! usage: `opwire-scale FOLDER ITEMS=VAULT-ID...`, with `OP_SERVICE_ACCOUNT_TOKEN` of an account that may write there.
//! Fills each vault with ITEMS items, and alternately measures the client's list and the bare list, which is only
//! fetched and decrypted. Prints milliseconds as JSON, by number of items. For the programs of other languages, it
//! saves a signed request for the list, with the keys that decrypt the answer, as `FOLDER/list-ITEMS.json`.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use op_core::{Core, host::HttpMethod};
use op_protocol::b64;
use op_testkit::{
    Wire,
    account::{config, host, invoke},
    bare::{Bare, Failure, overviews_route},
};
use serde::Serialize;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Failure>;

/// Items in one call of `createAll`.
const ITEMS_PER_CREATE_ALL: usize = 1000;
/// How long each vault is listed alternately.
const MEASURING_TIME: Duration = Duration::from_secs(3);
const MIN_ROUNDS: usize = 5;

#[derive(Serialize)]
struct Figures {
    /// The time to create all items with `createAll`, up to [`ITEMS_PER_CREATE_ALL`] in a call.
    create_all: f64,
    /// The largest number of requests in one of these calls.
    create_all_requests: usize,
    get_all: f64,
    get_all_requests: usize,
    bare_list: f64,
    list: f64,
    /// The processor time of this program for one list.
    bare_list_cpu: f64,
    list_cpu: f64,
    list_requests: usize,
    /// The time to create one more item in the full vault.
    create: f64,
    /// The size of the answer's plaintext and of the plaintexts of the items in it.
    decrypted_bytes: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: opwire-scale FOLDER ITEMS=VAULT-ID...")?;
    let token = std::env::var("OP_SERVICE_ACCOUNT_TOKEN")?;
    let wire = Wire::new();
    let core = Arc::new(Core::new(wire.clone()));
    core.init_client(&config(&token).to_string()).await.map_err(|error| error.to_string())?;
    let bare = Bare::sign_in(host(), &token).await?;
    let mut figures = BTreeMap::new();
    for argument in arguments {
        let (items, vault_id) = argument.split_once('=').ok_or("give each vault as ITEMS=VAULT-ID")?;
        let client = Client { core: &core, wire: &wire, vault_id };
        figures.insert(items.parse::<usize>()?, measure(&client, &bare, items.parse()?).await?);
        save_request(&bare, vault_id, &Path::new(&folder).join(format!("list-{items}.json"))).await?;
    }
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

/// A client of one vault.
struct Client<'a> {
    core: &'a Arc<Core>,
    wire: &'a Wire,
    vault_id: &'a str,
}

/// The result of a call, the time it took, and the number of requests.
struct Measured {
    value: Value,
    took: f64,
    requests: usize,
}

impl Client<'_> {
    async fn call(&self, method: &str, mut parameters: Value) -> Result<Measured> {
        if let Value::Object(members) = &mut parameters {
            members.insert("vault_id".to_owned(), json!(self.vault_id));
        }
        self.wire.take_requests();
        let began = Instant::now();
        let value = invoke(self.core, method, parameters).await.map_err(|error| error.to_string())?;
        Ok(Measured { value, took: milliseconds(began), requests: self.wire.take_requests().len() })
    }

    /// Returns the time of a list, without parsing its text, which is the program's task.
    async fn list(&self) -> Result<f64> {
        let parameters = json!({ "vault_id": self.vault_id, "filters": [] });
        let parameters = json!({ "name": "ItemsList", "parameters": parameters });
        let invocation = json!({ "invocation": { "clientId": 0, "parameters": parameters } }).to_string();
        let began = Instant::now();
        let text = self.core.invoke(&invocation).await.map_err(|error| error.to_string())?;
        let took = milliseconds(began);
        drop(text);
        Ok(took)
    }
}

async fn measure(client: &Client<'_>, bare: &Bare, items: usize) -> Result<Figures> {
    let (mut create_all, mut create_all_requests, mut ids) = (0.0, 0, Vec::new());
    let params: Vec<Value> = (0..items).map(|number| login(client.vault_id, number)).collect();
    for part in params.chunks(ITEMS_PER_CREATE_ALL) {
        let done = client.call("ItemsCreateAll", json!({ "params": part })).await?;
        create_all += done.took;
        create_all_requests = create_all_requests.max(done.requests);
        let created = done.value.pointer("/individualResponses").and_then(Value::as_array).into_iter().flatten();
        ids.extend(created.filter_map(|response| response.pointer("/content/id")).cloned());
    }
    if ids.len() != items {
        return Err("an item was not created".into());
    }
    let got = client.call("ItemsGetAll", json!({ "item_ids": ids })).await?;
    let listed = client.call("ItemsList", json!({ "filters": [] })).await?;
    if listed.value.as_array().map(Vec::len) != Some(items) {
        return Err("the list is incomplete".into());
    }
    let key = bare.vault_key(client.vault_id).await?;
    let (mut bare_lists, mut lists, mut decrypted_bytes) = (Vec::new(), Vec::new(), 0);
    let (mut bare_cpu, mut list_cpu) = (0.0, 0.0);
    let until = Instant::now() + MEASURING_TIME;
    while Instant::now() < until || lists.len() < MIN_ROUNDS {
        let (began, cpu) = (Instant::now(), processor_time());
        let (opened, bytes) = bare.overviews(client.vault_id, &key).await?;
        bare_lists.push(milliseconds(began));
        bare_cpu += processor_time() - cpu;
        assert_eq!(opened, items, "both list the same");
        decrypted_bytes = bytes;
        let cpu = processor_time();
        lists.push(client.list().await?);
        list_cpu += processor_time() - cpu;
    }
    let mut creates = Vec::new();
    for number in 0..MIN_ROUNDS {
        let one_more = login(client.vault_id, items + number);
        let done = client.call("ItemsCreate", json!({ "params": one_more })).await?;
        creates.push(done.took);
        client.call("ItemsDelete", json!({ "item_id": done.value.get("id") })).await?;
    }
    Ok(Figures {
        create_all,
        create_all_requests,
        get_all: got.took,
        get_all_requests: got.requests,
        bare_list_cpu: bare_cpu / bare_lists.len() as f64,
        list_cpu: list_cpu / lists.len() as f64,
        bare_list: median(bare_lists),
        list: median(lists),
        list_requests: listed.requests,
        create: median(creates),
        decrypted_bytes,
    })
}

/// Returns a typical item.
fn login(vault_id: &str, number: usize) -> Value {
    json!({
        "category": "Login", "vaultId": vault_id, "title": format!("Item {number}"),
        "fields": [
            { "id": "username", "title": "username", "fieldType": "Text", "value": format!("wendy{number}@example.com") },
            { "id": "password", "title": "password", "fieldType": "Concealed", "value": format!("secret {number}") },
        ],
        "tags": ["bench"],
        "websites": [{ "url": format!("https://www{number}.example.com/login"), "label": "website",
            "autofillBehavior": "AnywhereOnWebsite" }],
    })
}

async fn save_request(bare: &Bare, vault_id: &str, file: &Path) -> Result<()> {
    let request = bare.signed(HttpMethod::Get, &overviews_route(vault_id));
    let key = |key: &op_protocol::jwk::SymmetricKey| b64::encode(key.bytes());
    let saved = json!({
        "url": request.url,
        "headers": request.headers.into_iter().collect::<BTreeMap<_, _>>(),
        "sessionKey": key(&bare.session.key),
        "vaultKey": key(&bare.vault_key(vault_id).await?),
    });
    Ok(fs::write(file, saved.to_string())?)
}

/// Returns the processor time of this program in milliseconds. It advances in steps of ten, so only a sum of many is
/// exact.
fn processor_time() -> f64 {
    const TICK: f64 = 10.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program may contain spaces. After it, fields 12 and 13 are the ticks in user and in system mode.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * TICK
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
