//! What a user may do in the account, apart from vaults.

use op_protocol::rest::group_type;

use super::refusal::Refusal;

/// How a user belongs to its account: the column `users.role`.
pub(crate) mod role {
    /// The first user of an account that has no groups.
    pub(crate) const OWNER: &str = "owner";
    /// A person, whose groups decide what they may do.
    pub(crate) const MEMBER: &str = "member";
    /// A service account.
    pub(crate) const SERVICE: &str = "service";
}

/// A user's standing in their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    is_owner: bool,
    is_administrator: bool,
    is_person: bool,
}

impl Standing {
    /// The standing of a user with this role in active groups of these types.
    pub(crate) fn new<'a>(role: &str, groups: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut is_owner, mut is_administrator) = (role == role::OWNER, false);
        for group in groups {
            is_owner |= group == group_type::OWNERS;
            is_administrator |= group == group_type::ADMINISTRATORS;
        }
        Self { is_owner, is_administrator: is_administrator || is_owner, is_person: role != role::SERVICE }
    }

    pub(crate) fn require_owner(self) -> Result<(), Refusal> {
        if self.is_owner { Ok(()) } else { Err(Refusal::Forbidden("an owner of the account")) }
    }

    pub(crate) fn require_administrator(self) -> Result<(), Refusal> {
        if self.is_administrator { Ok(()) } else { Err(Refusal::Forbidden("an administrator of the account")) }
    }

    pub(crate) fn require_person(self) -> Result<(), Refusal> {
        if self.is_person { Ok(()) } else { Err(Refusal::Forbidden("a person, not a service account")) }
    }

    /// Refuses whoever may not change who belongs to a group of this type.
    pub(crate) fn require_members_of(self, group: &str) -> Result<(), Refusal> {
        match group {
            group_type::OWNERS => self.require_owner(),
            group_type::TEAM_MEMBERS => {
                Err(Refusal::impossible("every confirmed person belongs to Team Members, and nobody else can"))
            }
            _ => self.require_administrator(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_make_owners_and_administrators() {
        let cases: [(&str, &[&str], [bool; 3]); 6] = [
            (role::OWNER, &[], [true, true, true]),
            (role::MEMBER, &[], [false, false, true]),
            (role::MEMBER, &["M", "R", "U"], [false, false, true]),
            (role::MEMBER, &["M", "A"], [false, true, true]),
            (role::MEMBER, &["O", "M"], [true, true, true]),
            (role::SERVICE, &[], [false, false, false]),
        ];
        for (role, groups, [owner, administrator, person]) in cases {
            let standing = Standing::new(role, groups.iter().copied());
            assert_eq!(standing.require_owner().is_ok(), owner, "{role} {groups:?}");
            assert_eq!(standing.require_administrator().is_ok(), administrator, "{role} {groups:?}");
            assert_eq!(standing.require_person().is_ok(), person, "{role} {groups:?}");
            assert_eq!(standing.require_members_of("O").is_ok(), owner);
            assert_eq!(standing.require_members_of("U").is_ok(), administrator);
            assert!(standing.require_members_of("M").is_err());
        }
    }
}
