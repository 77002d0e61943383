//go:build !unix

package agent

import "errors"

func checkOwner(string) error {
	return unavailable("it does not run on this system", errors.ErrUnsupported)
}
