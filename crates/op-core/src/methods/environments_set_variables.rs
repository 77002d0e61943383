use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    env::is_variable_name,
    error::{Error, ErrorKind, Result},
    ids,
    types::EnvironmentVariable,
};

/// Set variables of an Environment; those that are not named stay as they are.
///
/// All of them are set, or none. Others may change the Environment at the same time: no change is lost.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsSetVariables {
    /// The id of the Environment.
    pub environment_id: String,
    /// The variables. A name begins with a letter or `_`, and goes on with letters, digits and `_`.
    pub variables: Vec<EnvironmentVariable>,
}

impl ClientMethod for EnvironmentsSetVariables {
    const SDK_NAME: &'static str = "environments.setVariables";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("environment_id", &self.environment_id)?;
        for (index, variable) in self.variables.iter().enumerate() {
            check(variable, index)?;
        }
        client.edit_environment(&self.environment_id, |stored| stored.set(&self.variables)).await
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
        return refuse("value", "the value of a variable must not hold a zero character, which no process can be given");
    }
    Ok(())
}
