//! Calls that a core in another process makes, such as that of a person's agent. Only the native build has it.

use op_protocol::json;
use serde_json::json;

use crate::{
    attachments::{Form, Incoming, Message, Outgoing},
    error::{Error, ErrorKind, Result},
    methods::ClientMethod,
};

/// Returns the invocation of a method by client 0, for [`Core::exchange`](crate::Core::exchange).
///
/// # Errors
/// The parameters cannot be encoded.
pub fn invocation<M: ClientMethod>(method: &M) -> Result<Message> {
    let outgoing = Outgoing::new(Form::Attached);
    let parameters = serde_json::to_value(method).map_err(|error| Error::new(ErrorKind::Internal, error))?;
    let call = json!({ "name": name::<M>(), "parameters": parameters });
    let text = json!({ "invocation": { "clientId": 0, "parameters": call } }).to_string();
    Ok(Message { text: text.into(), attachments: outgoing.finish() })
}

/// Reads the result of a method.
///
/// # Errors
/// It is not what the method returns.
pub fn output<M: ClientMethod>(result: Message) -> Result<M::Output> {
    let Message { text, attachments } = result;
    let _incoming = Incoming::new(attachments, Form::Attached);
    let text = if text.is_empty() { "null" } else { text.as_str() };
    json::decode(text.as_bytes()).map_err(|error| {
        Error::new(ErrorKind::InvalidResponse, format_args!("the result of {} cannot be read: {error}", M::SDK_NAME))
    })
}

/// Returns the name of a method in invocations: `items.list` is `ItemsList`.
fn name<M: ClientMethod>() -> String {
    let capitalized = |part: &str| {
        let mut characters = part.chars();
        characters.next().map(|first| first.to_ascii_uppercase().to_string() + characters.as_str()).unwrap_or_default()
    };
    M::SDK_NAME.split('.').map(capitalized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attachments::Bytes,
        methods::{ItemsFilesRead, VaultsDelete},
    };
    use op_protocol::id::VaultId;

    #[test]
    fn results_and_parameters_cross() {
        let method = VaultsDelete { vault_id: VaultId::from_server("a") };
        let sent = invocation(&method).unwrap();
        let expected =
            r#"{"invocation":{"clientId":0,"parameters":{"name":"VaultsDelete","parameters":{"vault_id":"a"}}}}"#;
        assert_eq!(*sent.text, expected);
        output::<VaultsDelete>(Message::default()).unwrap();
        let content = Bytes::from(vec![1, 2]);
        let result = Message { text: r#"{"attachment":0}"#.to_owned().into(), attachments: vec![content.clone()] };
        assert!(output::<ItemsFilesRead>(result).unwrap() == content);
    }
}
