//! What may be shared, and when a share can be opened.

use op_protocol::rest::{
    CreateShareRequest, ShareFilesPolicy, SharePolicy, ShareRecipient, ShareState, recipient_type, share_expiry,
    share_type,
};
use op_protocol::share::{CODE_MINUTES, CODE_TRIES, OPEN_MINUTES};

use super::refusal::Refusal;

/// The most recipients of a share, or of a policy.
pub(crate) const MAX_RECIPIENTS: usize = 100;
/// The most files of a share.
pub(crate) const MAX_FILES: usize = 1_000;
/// How long a ticket that opened a share can open it again, in seconds.
pub(crate) const REOPEN: i64 = OPEN_MINUTES as i64 * 60;
/// How long a share that has ended is kept with the log of its views, in seconds.
pub(crate) const KEPT: i64 = 90 * 24 * 60 * 60;
/// How many wrong passwords a share takes in an hour.
pub(crate) const MAX_WRONG_PROOFS: i64 = 10;
/// How often a code may be tried.
pub(crate) const MAX_TRIES: i64 = CODE_TRIES as i64;
/// How many codes an address gets in an hour for each share.
pub(crate) const MAX_CODES: i64 = 5;
/// How many codes all addresses get together, so that nobody can send mail to a whole domain.
pub(crate) const MAX_CODES_OF_SHARE: i64 = 100;
/// How long a code is valid, in seconds.
pub(crate) const CODE_TTL: i64 = CODE_MINUTES as i64 * 60;
pub(crate) const HOUR: i64 = 60 * 60;

const MAX_EMAIL: usize = 254;
const MAX_DOMAIN: usize = 253;

/// Returns what an account that has set nothing allows.
pub(crate) fn default_policy(max_file_size: u32) -> SharePolicy {
    let letters = |list: [&str; 2]| list.map(str::to_owned).to_vec();
    SharePolicy {
        allowed_types: letters([share_type::RECIPIENTS, share_type::ANYONE]),
        allowed_recipient_types: letters([recipient_type::EMAIL, recipient_type::DOMAIN]),
        max_expiry: share_expiry::THIRTY_DAYS,
        default_expiry: share_expiry::SEVEN_DAYS,
        max_views: None,
        files: ShareFilesPolicy {
            allowed: true,
            max_size: max_file_size,
            allowed_types: None,
            allowed_recipient_types: None,
            max_expiry: None,
            default_expiry: None,
            max_views: None,
        },
        allowed_recipients: None,
    }
}

/// Refuses a policy that means nothing.
pub(crate) fn check_policy(policy: &SharePolicy) -> Result<(), Refusal> {
    let malformed = |member: &str, rule: &str| Err(Refusal::impossible(format!("the policy's {member} {rule}")));
    const LETTERS: &str = "has a letter that is unknown, or one twice";
    const EXPIRY: &str = "is not 3600, 86400, 604800, 1209600 or 2592000";
    let files = &policy.files;
    for (member, list, known) in [
        ("allowedTypes", Some(&policy.allowed_types), TYPES),
        ("allowedRecipientTypes", Some(&policy.allowed_recipient_types), RECIPIENT_TYPES),
        ("files.allowedTypes", files.allowed_types.as_ref(), TYPES),
        ("files.allowedRecipientTypes", files.allowed_recipient_types.as_ref(), RECIPIENT_TYPES),
    ] {
        let formed = |list: &Vec<String>| {
            list.iter().enumerate().all(|(at, letter)| {
                known.contains(&letter.as_str()) && !list.iter().take(at).any(|other| other == letter)
            })
        };
        if !list.is_none_or(formed) {
            return malformed(member, LETTERS);
        }
    }
    for (member, expiry) in [
        ("maxExpiry", Some(policy.max_expiry)),
        ("defaultExpiry", Some(policy.default_expiry)),
        ("files.maxExpiry", files.max_expiry),
        ("files.defaultExpiry", files.default_expiry),
    ] {
        if !expiry.is_none_or(|expiry| share_expiry::ALL.contains(&expiry)) {
            return malformed(member, EXPIRY);
        }
    }
    let of_files = for_files(policy);
    if policy.default_expiry > policy.max_expiry || of_files.default_expiry > of_files.max_expiry {
        return malformed("defaultExpiry", "is later than maxExpiry");
    }
    if policy.max_views == Some(0) || files.max_views == Some(0) {
        return malformed("maxViews", "is 0: leave a type out of allowedTypes to forbid it");
    }
    match &policy.allowed_recipients {
        Some(list) if list.len() > MAX_RECIPIENTS || !list.iter().all(is_recipient) => malformed(
            "allowedRecipients",
            "has more than 100 elements, or one that is no address or domain in lower case",
        ),
        _ => Ok(()),
    }
}

const TYPES: &[&str] = &[share_type::RECIPIENTS, share_type::ANYONE];
const RECIPIENT_TYPES: &[&str] = &[recipient_type::EMAIL, recipient_type::DOMAIN];

/// Returns what both policies allow.
pub(crate) fn narrow(account: &SharePolicy, vault: &SharePolicy) -> SharePolicy {
    let both = |one: &[String], other: &[String]| one.iter().filter(|letter| other.contains(letter)).cloned().collect();
    let least = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
    let max_expiry = account.max_expiry.min(vault.max_expiry);
    // Both have a value for files if one of them has.
    let (account_files, vault_files) = (for_files(account), for_files(vault));
    let files_max_expiry = account_files.max_expiry.min(vault_files.max_expiry);
    SharePolicy {
        allowed_types: both(&account.allowed_types, &vault.allowed_types),
        allowed_recipient_types: both(&account.allowed_recipient_types, &vault.allowed_recipient_types),
        max_expiry,
        default_expiry: vault.default_expiry.min(max_expiry),
        max_views: least(account.max_views, vault.max_views),
        files: ShareFilesPolicy {
            allowed: account.files.allowed && vault.files.allowed,
            max_size: account.files.max_size.min(vault.files.max_size),
            allowed_types: Some(both(&account_files.allowed_types, &vault_files.allowed_types)),
            allowed_recipient_types: Some(both(
                &account_files.allowed_recipient_types,
                &vault_files.allowed_recipient_types,
            )),
            max_expiry: Some(files_max_expiry),
            default_expiry: Some(vault_files.default_expiry.min(files_max_expiry)),
            max_views: least(account_files.max_views, vault_files.max_views),
        },
        allowed_recipients: match (&account.allowed_recipients, &vault.allowed_recipients) {
            (Some(one), Some(other)) => {
                let of_one = one.iter().filter(|recipient| is_listed(other, recipient));
                let of_other = other.iter().filter(|recipient| is_listed(one, recipient) && !one.contains(recipient));
                Some(of_one.chain(of_other).cloned().collect())
            }
            (one, other) => one.as_ref().or(other.as_ref()).cloned(),
        },
    }
}

/// What holds for a share with files.
struct OfFiles {
    allowed_types: Vec<String>,
    allowed_recipient_types: Vec<String>,
    max_expiry: u32,
    default_expiry: u32,
    max_views: Option<u32>,
}

fn for_files(policy: &SharePolicy) -> OfFiles {
    let files = &policy.files;
    OfFiles {
        allowed_types: files.allowed_types.as_ref().unwrap_or(&policy.allowed_types).clone(),
        allowed_recipient_types: files
            .allowed_recipient_types
            .as_ref()
            .unwrap_or(&policy.allowed_recipient_types)
            .clone(),
        max_expiry: files.max_expiry.unwrap_or(policy.max_expiry),
        default_expiry: files.default_expiry.unwrap_or(policy.default_expiry),
        max_views: files.max_views.or(policy.max_views),
    }
}

/// Returns the policy without what this server cannot do: without a mail server, it cannot find out who somebody is.
pub(crate) fn without_mail(mut policy: SharePolicy) -> SharePolicy {
    for list in [Some(&mut policy.allowed_types), policy.files.allowed_types.as_mut()].into_iter().flatten() {
        list.retain(|letter| letter != share_type::RECIPIENTS);
    }
    policy
}

/// Whether shares may have this recipient.
pub(crate) fn allows_recipient(policy: &SharePolicy, recipient: &ShareRecipient) -> bool {
    let letter = letter(recipient);
    policy.allowed_recipient_types.iter().any(|allowed| allowed == letter)
        && policy.allowed_recipients.as_ref().is_none_or(|list| is_listed(list, recipient))
}

fn letter(recipient: &ShareRecipient) -> &'static str {
    match recipient {
        ShareRecipient::Email { .. } => recipient_type::EMAIL,
        ShareRecipient::Domain { .. } => recipient_type::DOMAIN,
    }
}

/// Whether a list names the recipient, or the domain of their address.
pub(crate) fn is_listed(list: &[ShareRecipient], recipient: &ShareRecipient) -> bool {
    list.iter().any(|listed| match (listed, recipient) {
        (ShareRecipient::Domain { domain }, ShareRecipient::Email { email }) => {
            email.rsplit_once('@').is_some_and(|(_, of)| of == domain)
        }
        _ => listed == recipient,
    })
}

/// Whether an address or a domain has the form of one, in lower case.
pub(crate) fn is_recipient(recipient: &ShareRecipient) -> bool {
    match recipient {
        ShareRecipient::Email { email } => {
            email.len() <= MAX_EMAIL
                && email.rsplit_once('@').is_some_and(|(name, domain)| {
                    !name.is_empty() && !name.contains(['@', '<', '>', ',', ';', '"']) && is_domain(domain)
                })
                && is_plain(email)
        }
        ShareRecipient::Domain { domain } => is_domain(domain),
    }
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|one| one.is_ascii_digit() || one.is_ascii_lowercase() || one == '-' || !one.is_ascii())
    };
    domain.len() <= MAX_DOMAIN && is_plain(domain) && domain.contains('.') && domain.split('.').all(is_label)
}

fn is_plain(text: &str) -> bool {
    !text.contains(|one: char| one.is_whitespace() || one.is_control() || one.is_uppercase())
}

/// A file of the item that is to be shared.
pub(crate) struct StoredFile {
    /// In bytes.
    pub(crate) size: i64,
}

/// Refuses a share that the policy does not allow, and returns how often each recipient may view it.
pub(crate) fn review(
    policy: &SharePolicy,
    request: &CreateShareRequest,
    files: &[StoredFile],
) -> Result<Option<u32>, Refusal> {
    let refused = |what: &str| Err(Refusal::impossible(format!("the policy for sharing does not allow {what}")));
    let of_files = (!files.is_empty()).then(|| for_files(policy));
    let recipients = request.recipients.as_deref().unwrap_or_default();
    if !policy.allowed_types.contains(&request.kind) {
        return refused(kind_name(&request.kind));
    }
    if !recipients.iter().all(|recipient| allows_recipient(policy, recipient)) {
        return refused("one of these recipients");
    }
    if request.expiry > policy.max_expiry {
        return refused(&format!("an expiry of more than {} seconds", policy.max_expiry));
    }
    let mut max_views = at_most(request.max_views, policy.max_views)?;
    if let Some(of_files) = of_files {
        if !policy.files.allowed {
            return refused("to share items with files");
        }
        if !of_files.allowed_types.contains(&request.kind) {
            return refused(&format!("{} of an item with files", kind_name(&request.kind)));
        }
        if !recipients
            .iter()
            .all(|recipient| of_files.allowed_recipient_types.iter().any(|one| one == letter(recipient)))
        {
            return refused("one of these recipients for an item with files");
        }
        if request.expiry > of_files.max_expiry {
            return refused(&format!("an expiry of more than {} seconds for an item with files", of_files.max_expiry));
        }
        if files.iter().any(|file| file.size > i64::from(policy.files.max_size)) {
            return refused(&format!("files of more than {} bytes, encrypted", policy.files.max_size));
        }
        max_views = at_most(max_views, of_files.max_views)?;
    }
    Ok(max_views)
}

fn kind_name(kind: &str) -> &'static str {
    if kind == share_type::RECIPIENTS { "shares for named recipients" } else { "shares for anyone who has the link" }
}

/// Public clients do not send the policy's own number, so it applies where they ask for none.
fn at_most(asked: Option<u32>, most: Option<u32>) -> Result<Option<u32>, Refusal> {
    match (asked, most) {
        (Some(asked), Some(most)) if asked > most => {
            Err(Refusal::impossible(format!("the policy for sharing does not allow more than {most} views")))
        }
        (asked, most) => Ok(asked.or(most)),
    }
}

/// What decides whether a ticket can open a share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access {
    /// The stored state.
    pub(crate) state: ShareState,
    pub(crate) expires_at: i64,
    pub(crate) max_views: Option<u32>,
    /// Until when the ticket may open it again.
    pub(crate) open_until: Option<i64>,
    /// How often the ticket's viewer has viewed it.
    pub(crate) views: u32,
    /// Whether the ticket's viewer ended it for themselves.
    pub(crate) ended: bool,
}

impl Access {
    /// Whether the ticket has opened the share, so that opening it again is not counted.
    pub(crate) fn is_open(&self, now: i64) -> bool {
        let may_stay = matches!(self.state, ShareState::Active | ShareState::Spent | ShareState::Ended);
        may_stay && self.open_until.is_some_and(|until| now < until)
    }

    /// What the state of the share is for the ticket.
    pub(crate) fn state(&self, now: i64) -> ShareState {
        let is_closed = self.state != ShareState::Active;
        if self.is_open(now) {
            ShareState::Active
        } else if !is_closed && self.expires_at <= now {
            ShareState::Expired
        } else if self.ended && self.state != ShareState::Revoked {
            ShareState::Ended
        } else if is_closed {
            self.state
        } else if self.views_left() == Some(0) {
            ShareState::Spent
        } else {
            ShareState::Active
        }
    }

    /// What the state of the share is, whatever the ticket.
    pub(crate) fn shared_state(&self, now: i64) -> ShareState {
        Self { max_views: None, open_until: None, views: 0, ended: false, ..*self }.state(now)
    }

    /// How many views the ticket's viewer has left.
    pub(crate) fn views_left(&self) -> Option<u32> {
        self.max_views.map(|most| most.saturating_sub(self.views))
    }

    /// Until when a ticket that opens the share now may open it again.
    pub(crate) fn reopens_until(&self, now: i64) -> i64 {
        self.expires_at.min(now + REOPEN)
    }
}

/// Whether somebody can still view a share: anyone but those who are `done`.
pub(crate) fn is_anyone_left(recipients: Option<&[ShareRecipient]>, done: &[String]) -> bool {
    let Some(recipients) = recipients else { return done.is_empty() };
    recipients.iter().any(|recipient| match recipient {
        ShareRecipient::Email { email } => !done.contains(email),
        ShareRecipient::Domain { .. } => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> ShareRecipient {
        ShareRecipient::Email { email: text.to_owned() }
    }

    fn domain(text: &str) -> ShareRecipient {
        ShareRecipient::Domain { domain: text.to_owned() }
    }

    #[test]
    fn recipients_have_the_form_of_addresses_and_domains() {
        for recipient in
            [email("a@b.com"), email("first.last+tag@sub.b.co.uk"), domain("b.com"), domain("bücher.example")]
        {
            assert!(is_recipient(&recipient), "{recipient:?}");
        }
        for recipient in [
            email("a"),
            email("a@b"),
            email("@b.com"),
            email("a b@c.com"),
            email("A@b.com"),
            email("a@b.com\r\nBcc: c@d.com"),
            email("a@x@b.com"),
            email("a@b.com, c@d.com"),
            domain("b"),
            domain(".com"),
            domain("*.b.com"),
            domain("http://b.com"),
            domain("-b.com"),
            domain("B.com"),
            domain(""),
        ] {
            assert!(!is_recipient(&recipient), "{recipient:?}");
        }
    }

    #[test]
    fn a_policy_narrows_another_in_each_member() {
        let account = SharePolicy {
            max_expiry: share_expiry::SEVEN_DAYS,
            max_views: Some(3),
            allowed_recipients: Some(vec![domain("a.com"), email("x@b.com")]),
            ..default_policy(1_000)
        };
        let vault = SharePolicy {
            allowed_types: vec![share_type::RECIPIENTS.to_owned()],
            allowed_recipient_types: vec![recipient_type::EMAIL.to_owned()],
            allowed_recipients: Some(vec![email("y@a.com"), domain("b.com"), email("z@c.com")]),
            ..default_policy(2_000)
        };
        let both = narrow(&account, &vault);
        assert_eq!(both.allowed_types, [share_type::RECIPIENTS]);
        assert_eq!(both.allowed_recipient_types, [recipient_type::EMAIL]);
        assert_eq!((both.max_expiry, both.default_expiry, both.max_views), (604_800, 604_800, Some(3)));
        assert_eq!(both.allowed_recipients, Some(vec![email("x@b.com"), email("y@a.com")]));
        assert_eq!((both.files.max_size, both.files.max_expiry, both.files.max_views), (1_000, Some(604_800), Some(3)));
        let unlike = narrow(&default_policy(1), &default_policy(1));
        assert_eq!((unlike.max_views, unlike.allowed_recipients), (None, None));
    }

    #[test]
    fn the_state_depends_on_the_ticket() {
        use ShareState::*;
        let active =
            Access { state: Active, expires_at: 1_000, max_views: Some(2), open_until: None, views: 0, ended: false };
        let spent = Access { state: Spent, views: 2, ..active };
        let cases = [
            (active, Active),
            (Access { views: 2, ..active }, Spent),
            (Access { views: 2, open_until: Some(600), ..active }, Active),
            (Access { views: 2, open_until: Some(500), ..active }, Spent),
            (Access { ended: true, ..active }, Ended),
            (Access { expires_at: 500, ..active }, Expired),
            (spent, Spent),
            (Access { open_until: Some(600), ..spent }, Active),
            (Access { state: Ended, open_until: Some(600), ..active }, Active),
            (Access { state: Revoked, open_until: Some(600), ..active }, Revoked),
            (Access { state: Expired, open_until: Some(600), ..active }, Expired),
        ];
        for (access, state) in cases {
            assert_eq!(access.state(500), state, "{access:?}");
        }
        assert_eq!(Access { views: 2, ended: true, ..active }.shared_state(500), Active);
        assert_eq!(active.reopens_until(500), 1_000, "not beyond its expiry");
        assert_eq!(active.reopens_until(0), 900);
    }

    #[test]
    fn somebody_is_left_until_all_are_done() {
        let done = |list: &[&str]| list.iter().map(|email| (*email).to_owned()).collect::<Vec<_>>();
        assert!(is_anyone_left(None, &[]));
        assert!(!is_anyone_left(None, &done(&[""])));
        let two = [email("a@b.com"), email("c@d.com")];
        assert!(is_anyone_left(Some(&two), &done(&["a@b.com"])));
        assert!(!is_anyone_left(Some(&two), &done(&["a@b.com", "c@d.com"])));
        assert!(is_anyone_left(Some(&[domain("b.com")]), &done(&["a@b.com"])));
    }
}
