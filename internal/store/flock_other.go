//go:build !unix

package store

import "errors"

func lockFile(string) (unlock func() error, err error) {
	return nil, errors.New("the embedded database needs a Unix system; use PostgreSQL here")
}

func oneName(string) error { return nil }
