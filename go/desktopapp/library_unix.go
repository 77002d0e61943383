//go:build !windows

package desktopapp

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/ebitengine/purego"
)

func open(file string) (uintptr, error) {
	return purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func symbol(handle uintptr, name string) (uintptr, error) { return purego.Dlsym(handle, name) }

// checkOwner refuses a file that other users can change or replace.
func checkOwner(file string) error {
	for _, each := range []string{file, filepath.Dir(file)} {
		info, err := os.Stat(each)
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || (stat.Uid != 0 && int(stat.Uid) != os.Geteuid()) {
			return fmt.Errorf("%s belongs to another user, who could run any code in this program", each)
		}
		if info.Mode().Perm()&0o022 != 0 {
			return fmt.Errorf("other users can change %s: prevent it with `chmod go-w`", each)
		}
	}
	return nil
}
