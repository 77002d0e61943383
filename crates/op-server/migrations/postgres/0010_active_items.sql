-- The count of a vault's active items follows from each change; nothing counts them any more.

DROP INDEX active_items;
