//go:build unix

package agent

import (
	"os"
	"path/filepath"
	"syscall"
)

// checkOwner refuses a socket that somebody else may have made.
func checkOwner(path string) error {
	folder := filepath.Dir(path)
	for _, file := range []string{folder, path} {
		info, err := os.Stat(file)
		if err != nil {
			return unreachable(path, err)
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
			return unavailable(path+" belongs to another user"+sudoHint(), nil)
		}
		if file == folder && info.Mode().Perm()&0o077 != 0 {
			return unavailable("other users may enter "+folder+": close it with `chmod 700`", nil)
		}
	}
	return nil
}
