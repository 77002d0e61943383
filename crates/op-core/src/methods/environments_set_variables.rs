use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    env::is_variable_name,
    error::{Error, ErrorKind, Result},
    types::EnvironmentVariable,
    vaults::environments,
};

/// Set variables of an Environment. Its other variables stay as they are.
///
/// Either all of them are set or none. Changes that others make at the same time are not lost.
///
/// # Errors
/// - {error InvalidConfiguration} if a name or a value is not one that a variable can have.
/// - {error NotFound} if the Environment does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not change the Environment.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsSetVariables {
    /// The id of the Environment.
    pub environment_id: VaultId,
    /// The variables to set. A name consists of letters, digits and `_`, and does not begin with a digit.
    pub variables: Vec<EnvironmentVariable>,
}

impl ClientMethod for EnvironmentsSetVariables {
    const SDK_NAME: &'static str = "environments.setVariables";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        for (index, variable) in self.variables.iter().enumerate() {
            check(variable, index)?;
        }
        environments::edit(client, &self.environment_id, |stored| stored.set(&self.variables)).await
    }
}

fn check(variable: &EnvironmentVariable, index: usize) -> Result<()> {
    let refuse = |member: &str, problem: &str| {
        let field = format!("variables[{index}].{member}");
        Err(Error::new(ErrorKind::InvalidConfiguration, problem).with_field(field))
    };
    if !is_variable_name(&variable.name) {
        return refuse(
            "name",
            "the name of a variable must begin with a letter or _, and hold only letters, digits and _",
        );
    }
    if variable.value.contains('\0') {
        return refuse(
            "value",
            "the value of a variable must not hold a zero character, which no process can be given",
        );
    }
    Ok(())
}
