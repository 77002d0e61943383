//! All routes of the account server. The client builds its requests from them, and the server its router.
//! `docs/protocol.md` says who may use each route, and what it takes and returns; docs/decisions/0050 and 0069 say why
//! there is one table.

use Method::{Delete, Get, Patch, Post, Put};
use Resource::{File, Group, GroupAccess, Item, Share, User, Vault};

/// Declares routes by method, path and kind of resource, with `reading` for a route that reads by another method than
/// GET.
macro_rules! routes {
    ($($(#[doc = $note:literal])* $name:ident = $method:ident $path:literal $resource:ident $(, $reading:ident)?;)+) => {$(
        #[doc = concat!("`", stringify!($method), " ", $path, "`")]
        $(#[doc = $note])*
        pub const $name: Route<{ values_in($path) }> = Route::new($method, $path, $resource)$(.$reading())?;
    )+};
}

routes! {
    AUTH_START = Post "/api/v3/auth/start" User;
    AUTH = Post "/api/v2/auth" User;
    AUTH_CONFIRM_KEY = Post "/api/v2/auth/confirm-key" User;
    AUTH_COMPLETE = Post "/api/v2/auth/complete" User;
    /// The exchange for clients before 0.2.
    OLDER_AUTH = Post "/api/v1/auth" User;
    /// The proof, and the end of the sign-in, for clients before 0.2.
    AUTH_VERIFY = Post "/api/v2/auth/verify" User;

    KEYSETS = Get "/api/v2/account/keysets" Vault;
    ACCOUNT = Get "/api/v3/account" User;
    VAULTS = Get "/api/v1/vaults" Vault;
    VAULT_PREFLIGHT = Get "/api/v1/vault/preflight/create" Vault;
    CREATE_VAULT = Post "/api/v2/vault" Vault;
    VAULT = Get "/api/v3/vault/{vault}" Vault;
    VAULT_ATTRIBUTES = Put "/api/v3/vault/{vault}/attrs" Vault;
    DELETE_VAULT = Delete "/api/v4/vault/{vault}" Vault;
    GRANT_VAULT_ACCESS = Patch "/api/v2/vault/{vault}/vaultaccess" Vault;
    CHANGE_GROUP_ACCESS = Patch "/api/v2/acl/groups" GroupAccess;
    REVOKE_GROUP_ACCESS = Delete "/api/v1/vault/{vault}/group/{group}" GroupAccess;
    GROUP_PUBLIC_KEYS = Get "/api/v1/group/pubkeys" GroupAccess;
    GROUP = Get "/api/v2/group/{group}" GroupAccess;
    ITEM_OVERVIEWS = Get "/api/v1/vault/{vault}/items/overviews" Item;
    ITEM = Get "/api/v1/vault/{vault}/item/{item}" Item;
    ITEM_BATCH = Post "/api/v3/vault/{vault}/items/batch" Item, reading;
    CHANGE_ITEMS = Patch "/api/v3/vault/{vault}/{content_version}/items" Vault;

    UPLOAD_FILE = Post "/api/v3/file" File;
    FILE = Get "/api/v2/file/{vault}/{item}/{file}" File;

    SHARE_PREFLIGHT = Get "/api/v4/itemshare/preflight/{vault}/{item}" Item;
    VALIDATE_RECIPIENTS = Post "/api/v4/itemshare/validate-recipients" Item, reading;
    CREATE_SHARE = Post "/api/v4/itemshare" Item;

    HEALTH = Get "/api/opwire/v1/health" User;
    LIMITS = Get "/api/opwire/v1/limits" User;
    CREATE_ACCOUNT = Post "/api/opwire/v1/accounts" User;
    CREATE_BUILT_IN_GROUPS = Post "/api/opwire/v1/account/groups" Group;
    USERS = Get "/api/opwire/v1/users" User;
    USER = Get "/api/opwire/v1/users/{user}" User;
    REJECT_USER = Delete "/api/opwire/v1/users/{user}" User;
    USER_VAULTS = Get "/api/opwire/v1/users/{user}/vaults" User;
    CONFIRM_USER = Post "/api/opwire/v1/users/{user}/confirm" User;
    SUSPEND_USER = Post "/api/opwire/v1/users/{user}/suspend" User;
    REACTIVATE_USER = Post "/api/opwire/v1/users/{user}/reactivate" User;
    RECOVERY = Get "/api/opwire/v1/users/{user}/recovery" User;
    COMPLETE_RECOVERY = Post "/api/opwire/v1/users/{user}/recovery" User;
    INVITES = Get "/api/opwire/v1/invites" User;
    CREATE_INVITE = Post "/api/opwire/v1/invites" User;
    DELETE_INVITE = Delete "/api/opwire/v1/invites/{invite}" User;
    OPEN_INVITE = Post "/api/opwire/v1/invites/{invite}" User;
    ACCEPT_INVITE = Post "/api/opwire/v1/invites/{invite}/accept" User;
    CHANGE_CREDENTIALS = Put "/api/opwire/v1/me/credentials" User;
    SESSIONS = Get "/api/opwire/v1/sessions" User;
    END_SESSIONS = Delete "/api/opwire/v1/sessions" User;
    END_SESSION = Delete "/api/opwire/v1/sessions/{session}" User;
    GROUPS = Get "/api/opwire/v1/groups" Group;
    CREATE_GROUP = Post "/api/opwire/v1/groups" Group;
    UPDATE_GROUP = Put "/api/opwire/v1/groups/{group}" Group;
    DELETE_GROUP = Delete "/api/opwire/v1/groups/{group}" Group;
    GROUP_MEMBERS = Get "/api/opwire/v1/groups/{group}/members" Group;
    ADD_GROUP_MEMBER = Put "/api/opwire/v1/groups/{group}/members/{user}" Group;
    REMOVE_GROUP_MEMBER = Delete "/api/opwire/v1/groups/{group}/members/{user}" Group;
    ENVIRONMENTS = Get "/api/opwire/v1/environments" Vault;
    VAULT_ACCESSORS = Get "/api/opwire/v1/vaults/{vault}/accessors" Vault;
    LEAVE_VAULT = Delete "/api/opwire/v1/vaults/{vault}/access" Vault;
    ABANDONED_VAULTS = Get "/api/opwire/v1/abandoned-vaults" Vault;
    REMOVE_ABANDONED_VAULT = Delete "/api/opwire/v1/abandoned-vaults/{vault}" Vault;
    REVOKE_USER_ACCESS = Delete "/api/opwire/v1/vaults/{vault}/users/{user}" Vault;
    REENCRYPT_ITEMS = Put "/api/opwire/v1/vaults/{vault}/rotation/{key}/items" Vault;
    FINISH_ROTATION = Post "/api/opwire/v1/vaults/{vault}/rotation/{key}" Vault;
    ABANDON_ROTATION = Delete "/api/opwire/v1/vaults/{vault}/rotation/{key}" Vault;
    SERVICE_ACCOUNTS = Get "/api/opwire/v1/service-accounts" User;
    CREATE_SERVICE_ACCOUNT = Post "/api/opwire/v1/service-accounts" User;
    ROTATE_SERVICE_ACCOUNT = Put "/api/opwire/v1/service-accounts/{user}" User;
    DELETE_SERVICE_ACCOUNT = Delete "/api/opwire/v1/service-accounts/{user}" User;
    SHARE_POLICY = Get "/api/opwire/v1/share-policy" Share;
    SET_SHARE_POLICY = Put "/api/opwire/v1/share-policy" Share;
    VAULT_SHARE_POLICY = Get "/api/opwire/v1/vaults/{vault}/share-policy" Share;
    SET_VAULT_SHARE_POLICY = Put "/api/opwire/v1/vaults/{vault}/share-policy" Share;
    CLEAR_VAULT_SHARE_POLICY = Delete "/api/opwire/v1/vaults/{vault}/share-policy" Share;
    SHARES = Get "/api/opwire/v1/shares" Share;
    SHARE = Get "/api/opwire/v1/shares/{share}" Share;
    REVOKE_SHARE = Delete "/api/opwire/v1/shares/{share}" Share;
    SHARE_STATUS = Post "/api/opwire/v1/share/status" Share, reading;
    SHARE_CODE = Post "/api/opwire/v1/share/code" Share;
    VERIFY_SHARE = Post "/api/opwire/v1/share/verify" Share;
    OPEN_SHARE = Post "/api/opwire/v1/share/open" Share;
    END_SHARE = Post "/api/opwire/v1/share/end" Share;
    SHARE_FILE = Get "/api/opwire/v1/share/files/{file}" Share;
    AUDIT = Get "/api/opwire/v1/audit" User;
}

/// The HTTP method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "HTTP names them")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Returns the name in the request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Get => "GET",
            Post => "POST",
            Put => "PUT",
            Patch => "PATCH",
            Delete => "DELETE",
        }
    }
}

/// The kind of resource that a route is about. Failures name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Resource {
    Vault,
    Item,
    File,
    Group,
    User,
    Share,
    /// A group, by the routes of the public SDKs, which have special texts for it.
    GroupAccess,
}

impl Resource {
    /// Returns the name of the resource in failures.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Vault => "vault",
            Item => "item",
            File => "file",
            Group | GroupAccess => "group",
            User => "user",
            Share => "share",
        }
    }

    /// Returns the name of an operation on the resource in failures.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Vault => "performing a vault operation",
            Item => "performing an item operation",
            File => "performing a file operation",
            Group | GroupAccess => "performing a group operation",
            User => "performing a user operation",
            Share => "performing a share operation",
        }
    }
}

/// A route whose path takes `VALUES` values.
#[derive(Clone, Copy, Debug)]
pub struct Route<const VALUES: usize> {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for each value. `{vault}` is the id of the vault that the route is about.
    pub path: &'static str,
    /// The kind of resource.
    pub resource: Resource,
    /// Whether the route only reads, like a GET, or a POST whose body says what to read.
    pub reads: bool,
}

impl<const VALUES: usize> Route<VALUES> {
    const fn new(method: Method, path: &'static str, resource: Resource) -> Self {
        Self { method, path, resource, reads: matches!(method, Get) }
    }

    const fn reading(self) -> Self {
        Self { reads: true, ..self }
    }

    /// Returns the target of this route with values, in their order in the path.
    #[must_use]
    pub fn at(&self, values: [&str; VALUES]) -> Target {
        let mut path = String::with_capacity(self.path.len() + 26 * VALUES);
        let mut names = Vec::with_capacity(VALUES);
        let mut values = values.into_iter();
        for part in self.path.split('/').skip(1) {
            path.push('/');
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
                path.push_str(part);
                continue;
            };
            let value = values.next().unwrap_or_default();
            path.push_str(value);
            names.push((name, value.to_owned()));
        }
        Target {
            method: self.method,
            path,
            resource: self.resource,
            reads: self.reads,
            route: self.path,
            values: names,
        }
    }
}

const fn values_in(path: &str) -> usize {
    let mut bytes = path.as_bytes();
    let mut count = 0;
    while let [first, rest @ ..] = bytes {
        if *first == b'{' {
            count += 1;
        }
        bytes = rest;
    }
    count
}

/// The target of a request: a route with its values.
#[derive(Clone, Debug)]
pub struct Target {
    /// The method.
    pub method: Method,
    /// The path and query.
    pub path: String,
    /// The kind of resource.
    pub resource: Resource,
    /// Whether the route only reads.
    pub reads: bool,
    /// The path of the route.
    route: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Target {
    /// Adds a query, such as `attrs=accessors`.
    #[must_use]
    pub fn query(mut self, query: impl std::fmt::Display) -> Self {
        use std::fmt::Write as _;
        let _ = write!(self.path, "?{query}");
        self
    }

    /// Sets the resource that failures name.
    #[must_use]
    pub fn about(self, resource: Resource) -> Self {
        Self { resource, ..self }
    }

    /// Returns whether this is a target of `route`, whatever its values.
    #[must_use]
    pub fn is_of<const VALUES: usize>(&self, route: &Route<VALUES>) -> bool {
        self.method == route.method && self.route == route.path
    }

    /// Returns the id of the vault that the route is about, if there is one.
    #[must_use]
    pub fn vault(&self) -> Option<&str> {
        self.values.iter().find(|(name, _)| *name == "vault").map(|(_, id)| id.as_str())
    }

    /// Returns the names and values in the path, such as `("vault", id)`, in their order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_its_values_in_the_path() {
        let target = FILE.at(["v", "i", "f"]);
        assert_eq!(target.path, "/api/v2/file/v/i/f");
        assert_eq!(target.values().collect::<Vec<_>>(), [("vault", "v"), ("item", "i"), ("file", "f")]);
        assert_eq!(target.vault(), Some("v"));
        assert_eq!(VAULTS.at([]).query("attrs=accessors").path, "/api/v1/vaults?attrs=accessors");
        assert_eq!(VAULTS.at([]).vault(), None);
    }

    #[test]
    fn a_target_knows_its_route() {
        let target = SHARES.at([]).query("vault=v");
        assert!(target.is_of(&SHARES) && !target.is_of(&SHARE) && !target.is_of(&SHARE_POLICY));
        let target = SHARE.at(["s"]);
        assert!(target.is_of(&SHARE) && !target.is_of(&REVOKE_SHARE) && !target.is_of(&SHARES));
    }

    #[test]
    fn only_the_batch_reads_without_being_a_get() {
        let reads = [ITEM_BATCH.reads, CREATE_GROUP.reads, USERS.reads];
        assert_eq!(reads, [true, false, true]);
    }
}
