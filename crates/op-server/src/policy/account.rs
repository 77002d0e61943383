//! What a user may do in the account, apart from vaults.

use op_protocol::closed_set;
use op_protocol::rest::GroupType;

use super::refusal::Refusal;

closed_set! {
    /// How a user belongs to its account: the column `users.role`.
    pub(crate) enum Role {
        /// The first user of an account that has no groups.
        Owner = "owner",
        /// A person, whose groups decide what they may do.
        Member = "member",
        /// A service account.
        Service = "service",
    }
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
    pub(crate) fn new(role: Role, groups: impl IntoIterator<Item = GroupType>) -> Self {
        let (mut is_owner, mut is_administrator) = (role == Role::Owner, false);
        for group in groups {
            is_owner |= group == GroupType::Owners;
            is_administrator |= group == GroupType::Administrators;
        }
        Self { is_owner, is_administrator: is_administrator || is_owner, is_person: role != Role::Service }
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
    pub(crate) fn require_members_of(self, group: GroupType) -> Result<(), Refusal> {
        match group {
            GroupType::Owners => self.require_owner(),
            GroupType::TeamMembers => {
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
        use GroupType::{Administrators, Owners, Recovery, TeamMembers, UserDefined};
        let cases: [(Role, &[GroupType], [bool; 3]); 6] = [
            (Role::Owner, &[], [true, true, true]),
            (Role::Member, &[], [false, false, true]),
            (Role::Member, &[TeamMembers, Recovery, UserDefined], [false, false, true]),
            (Role::Member, &[TeamMembers, Administrators], [false, true, true]),
            (Role::Member, &[Owners, TeamMembers], [true, true, true]),
            (Role::Service, &[], [false, false, false]),
        ];
        for (role, groups, [owner, administrator, person]) in cases {
            let standing = Standing::new(role, groups.iter().copied());
            assert_eq!(standing.require_owner().is_ok(), owner, "{role} {groups:?}");
            assert_eq!(standing.require_administrator().is_ok(), administrator, "{role} {groups:?}");
            assert_eq!(standing.require_person().is_ok(), person, "{role} {groups:?}");
            assert_eq!(standing.require_members_of(Owners).is_ok(), owner);
            assert_eq!(standing.require_members_of(UserDefined).is_ok(), administrator);
            assert!(standing.require_members_of(TeamMembers).is_err());
        }
    }
}
