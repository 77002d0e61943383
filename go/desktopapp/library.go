package desktopapp

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/opwire/opwire/go/internal/desktop"
)

// library is the app's library, loaded.
type library struct {
	send func(message *byte, length uintptr, answer **byte, answerLength, answerCapacity *uintptr) int32
	free func(answer *byte, length, capacity uintptr)
}

var (
	loading sync.Mutex
	loaded  = map[string]*library{}
)

// load loads the library, unless other users can change it.
func load(path string) (*library, error) {
	file, err := filepath.Abs(path)
	if err == nil {
		file, err = filepath.EvalSymlinks(file)
	}
	if err != nil {
		return nil, unusable(fmt.Sprintf("%s cannot be read: %v", path, err), err)
	}
	if err := checkOwner(file); err != nil {
		return nil, unusable(err.Error(), err)
	}
	loading.Lock()
	defer loading.Unlock()
	if known := loaded[file]; known != nil {
		return known, nil
	}
	handle, err := open(file)
	if err != nil {
		return nil, unusable(fmt.Sprintf("%s cannot be loaded: %v", file, err), err)
	}
	library := &library{}
	for name, function := range map[string]any{
		"op_sdk_ipc_send_message":  &library.send,
		"op_sdk_ipc_free_response": &library.free,
	} {
		address, err := symbol(handle, name)
		if err != nil {
			return nil, unusable(fmt.Sprintf("%s is not the app's: it has no %s", file, name), err)
		}
		purego.RegisterFunc(function, address)
	}
	loaded[file] = library
	return library, nil
}

// exchange sends a message and waits for the answer, for ever if there is none.
func (l *library) exchange(message []byte) ([]byte, error) {
	var answer *byte
	var length, capacity uintptr
	code := l.send(unsafe.SliceData(message), uintptr(len(message)), &answer, &length, &capacity)
	if code != 0 {
		return nil, returned(code)
	}
	if answer == nil {
		return nil, nil
	}
	foreign := unsafe.Slice(answer, length)
	own := bytes.Clone(foreign)
	// It may have secrets.
	clear(foreign)
	l.free(answer, length, capacity)
	return own, nil
}

const (
	closed  = "it does not listen"
	dropped = "it dropped the connection"
)

// returned is the error for a return code.
func returned(code int32) error {
	codes := map[int32]string{-2: closed, -5: dropped}
	if runtime.GOOS == "darwin" {
		codes = map[int32]string{-3: closed, -7: dropped}
	}
	known, ok := codes[code]
	if !ok {
		return desktop.Failure("Internal", fmt.Sprintf(
			"an internal error occurred. Please contact 1Password support and mention the return code: %d", code), false, nil)
	}
	return desktop.Failure("AgentUnavailable", "the 1Password app cannot be reached: "+known+": start it, unlock it, and "+
		`switch on "Integrate with other apps" in its settings for developers`, true, nil)
}

func unusable(why string, cause error) error {
	return desktop.ConfigurationFailure("the library of the desktop app: "+why, "WithLibrary", cause)
}
