//! Generates `__init__.py`, whose list of names type checkers read, and the constants other than permissions.

use super::{constant, exception, methods, source, types};
use crate::model::Contract;

const IMPORTS: &str = "\
from . import errors as errors
from . import types as types
from ._apis import *
from ._check import ValidationError
from ._constants import *
from ._core import __version__
from .builder import ItemBuilder
from .client import Client, SyncClient
from .defaults import (
    DEFAULT_INTEGRATION_NAME,
    DEFAULT_INTEGRATION_VERSION,
    CacheOptions,
    DesktopAuth,
)
from .errors import *
from .process import load_environment, load_environment_sync
from .transport import HttpRequest, HttpResponse
from .types import *
";

/// The names that are imported one by one.
const WRITTEN: [&str; 13] = [
    "CacheOptions",
    "Client",
    "DEFAULT_INTEGRATION_NAME",
    "DEFAULT_INTEGRATION_VERSION",
    "DesktopAuth",
    "HttpRequest",
    "HttpResponse",
    "ItemBuilder",
    "SyncClient",
    "ValidationError",
    "__version__",
    "load_environment",
    "load_environment_sync",
];

pub(super) fn init(contract: &Contract) -> String {
    let mut exports: Vec<String> = WRITTEN.iter().map(|name| (*name).to_owned()).collect();
    exports.extend(methods::client_exports(contract));
    exports.extend(constant_names(contract));
    exports.push("OpwireError".to_owned());
    exports.push("ERROR_CLASSES".to_owned());
    exports.extend(contract.errors.iter().map(exception));
    exports.extend(types::exports(contract));
    exports.sort();
    let doc = "opwire: sign in, read and write secrets, from Python.\n\n`Client` is for programs that use `asyncio`, \
               `SyncClient` for others.";
    source(doc, IMPORTS, &exports, "").trim_end().to_owned() + "\n"
}

pub(super) fn constants(contract: &Contract) -> String {
    let body: String =
        contract.constants.iter().filter(|each| !each.permission).map(|each| constant(each) + "\n").collect();
    let text = source("Constants that are the same in every language.", "", &constant_names(contract), &body);
    text.replace("annotations\n\n\n", "annotations\n\n").replace("]\n\n\n", "]\n\n")
}

fn constant_names(contract: &Contract) -> Vec<String> {
    let mut names: Vec<String> =
        contract.constants.iter().filter(|each| !each.permission).map(|each| each.name.clone()).collect();
    names.sort();
    names
}
