//! Bytes, and how they cross the language boundary: beside the JSON, not in it. docs/decisions/0025 says why.
//!
//! In JSON, `{"attachment": n}` refers to the n-th of the attached bytes. Serde gives decoders no context, so the
//! attachments of a text are in a thread-local while the text is decoded or encoded, which never waits.

use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::Deref,
    sync::Arc,
};

use base64ct::{Base64, Encoding as _};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, SeqAccess, Unexpected, Visitor},
    ser::SerializeMap,
};
use zeroize::Zeroizing;

/// The name of the only member of the object that refers to attached bytes.
const REFERENCE: &str = "attachment";

/// A message that crosses the boundary: JSON, and the bytes that it refers to.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The JSON; empty if there is none.
    pub text: Zeroizing<String>,
    /// The attached bytes, in the order of their numbers.
    pub attachments: Vec<Bytes>,
}

// Invocations and results hold secrets.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes of text, {:?}]", self.text.len(), self.attachments)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self { text: text.into(), attachments: Vec::new() }
    }
}

/// Bytes of a caller, such as the content of a file. Clones share them, and the last clone wipes them.
///
/// They are read from an attachment, or from a list of numbers, which the public SDKs for JavaScript and Python send. That
/// for Go sends base64, which is read only in an invocation of [`Form::Public`]: elsewhere a text is a mistake of the
/// caller's, and could be base64 by chance.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bytes(Arc<Zeroizing<Vec<u8>>>);

impl Bytes {
    /// Returns the bytes, without a copy if nobody shares them. The caller then has to wipe them.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        match Arc::try_unwrap(self.0) {
            Ok(mut bytes) => std::mem::take(&mut *bytes),
            Err(shared) => shared.to_vec(),
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Zeroizing::new(bytes).into()
    }
}

impl From<Zeroizing<Vec<u8>>> for Bytes {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.len())
    }
}

thread_local! {
    static INCOMING: RefCell<Vec<Bytes>> = const { RefCell::new(Vec::new()) };
    static INCOMING_FORM: Cell<Form> = const { Cell::new(Form::Attached) };
    static OUTGOING: RefCell<Option<Vec<Bytes>>> = const { RefCell::new(None) };
}

/// Attachments that texts decoded on this thread can refer to, and the form of their bytes, until this value is dropped.
pub(crate) struct Incoming(());

impl Incoming {
    pub(crate) fn new(attachments: Vec<Bytes>, form: Form) -> Self {
        INCOMING.set(attachments);
        INCOMING_FORM.set(form);
        Self(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        INCOMING.take();
        INCOMING_FORM.set(Form::Attached);
    }
}

/// The form of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Beside the JSON.
    Attached,
    /// In the JSON, like the public SDKs: as lists of numbers; from Go as base64.
    Public,
}

/// Sets the form of bytes encoded on this thread, until this value is dropped.
pub(crate) struct Outgoing(());

impl Outgoing {
    pub(crate) fn new(form: Form) -> Self {
        OUTGOING.set((form == Form::Attached).then(Vec::new));
        Self(())
    }

    /// Returns the bytes that were attached.
    pub(crate) fn finish(self) -> Vec<Bytes> {
        OUTGOING.take().unwrap_or_default()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        OUTGOING.take();
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = OUTGOING.with_borrow_mut(|attachments| {
            let attachments = attachments.as_mut()?;
            attachments.push(self.clone());
            Some(attachments.len() - 1)
        });
        match number {
            Some(number) => {
                let mut reference = serializer.serialize_map(Some(1))?;
                reference.serialize_entry(REFERENCE, &number)?;
                reference.end()
            }
            None => serializer.collect_seq(self.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_str<E: serde::de::Error>(self, base64: &str) -> Result<Bytes, E> {
        if INCOMING_FORM.get() != Form::Public {
            return Err(E::invalid_type(Unexpected::Str(""), &self));
        }
        Base64::decode_vec(base64).map(Bytes::from).map_err(|_| E::custom("a text that is not base64"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Bytes, A::Error> {
        let mut bytes = Zeroizing::new(Vec::new());
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reference: A) -> Result<Bytes, A::Error> {
        match reference.next_entry::<String, usize>()? {
            Some((member, number)) if member == REFERENCE && reference.next_key::<String>()?.is_none() => {
                let attached = INCOMING.with_borrow(|attachments| attachments.get(number).cloned());
                attached.ok_or_else(|| A::Error::custom(format_args!("nothing is attached under the number {number}")))
            }
            _ => Err(A::Error::custom("an object that does not refer to attached bytes")),
        }
    }
}

#[cfg(feature = "contract")]
impl schemars::JsonSchema for Bytes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<u8>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str, attachments: &[&[u8]]) -> Result<Bytes, String> {
        decode_in(Form::Attached, text, attachments)
    }

    fn decode_in(form: Form, text: &str, attachments: &[&[u8]]) -> Result<Bytes, String> {
        let _incoming = Incoming::new(attachments.iter().map(|bytes| bytes.to_vec().into()).collect(), form);
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_are_attached_or_numbers_or_base64() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(&*decode(r#"{"attachment":1}"#, &[b"a", &all]).unwrap(), all);
        assert_eq!(&*decode(&serde_json::to_string(&all).unwrap(), &[]).unwrap(), all);
        assert_eq!(&*decode("[]", &[]).unwrap(), b"");
        assert_eq!(&*decode_in(Form::Public, r#""+/8AYQ==""#, &[]).unwrap(), b"\xfb\xff\0a");
        assert_eq!(&*decode_in(Form::Public, r#""""#, &[]).unwrap(), b"");
        assert!(decode(r#""+/8AYQ==""#, &[]).is_err());
    }

    #[test]
    fn other_values_are_refused() {
        for text in [
            r#"{"attachment":1}"#,
            r#"{"attachment":-1}"#,
            r#"{"attachment":0,"x":0}"#,
            r#"{"x":0}"#,
            "{}",
            "[256]",
            "[\"a\"]",
            "\"YQ\"",
            "\"YQ=\"",
            "\"YR==\"",
            "\"-_8=\"",
            "\"Y Q==\"",
            "null",
        ] {
            assert!(decode(text, &[b"a"]).is_err() && decode_in(Form::Public, text, &[b"a"]).is_err(), "{text}");
        }
        assert!(decode(r#"{"attachment":0}"#, &[]).is_err());
    }

    #[test]
    fn attachments_do_not_outlive_their_text() {
        assert!(decode(r#"{"attachment":0}"#, &[b"a"]).is_ok());
        assert!(serde_json::from_str::<Bytes>(r#"{"attachment":0}"#).is_err());
    }

    #[test]
    fn encoding_attaches_without_a_copy() {
        let bytes = Bytes::from(b"content".to_vec());
        let place = bytes.as_ptr();
        let outgoing = Outgoing::new(Form::Attached);
        assert_eq!(
            serde_json::to_string(&[&bytes, &Bytes::default()]).unwrap(),
            r#"[{"attachment":0},{"attachment":1}]"#
        );
        let mut attachments = outgoing.finish();
        drop(bytes);
        let attached = attachments.remove(0).into_vec();
        assert_eq!(attached.as_ptr(), place);
        let _numbers = Outgoing::new(Form::Public);
        assert_eq!(serde_json::to_string(&Bytes::from(vec![0, 255])).unwrap(), "[0,255]");
    }
}
