//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// lockFile takes the file for this process. The kernel gives it free when the process ends, however it
// ends; the file itself stays, as removing it would let two processes lock two files of one name.
func lockFile(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		holder, _ := os.ReadFile(path) // only to name it
		return nil, fmt.Errorf("another process has this database open (process %s); "+
			"stop it first, or use PostgreSQL, which several can share",
			strings.TrimSpace(string(holder)))
	}
	if err := errors.Join(file.Truncate(0), writePID(file)); err != nil {
		return nil, errors.Join(fmt.Errorf("write to %s: %w", path, err), file.Close())
	}
	unlock = func() error {
		// Closing alone is not enough: a child that was forked just now holds the file open until it execs.
		return errors.Join(syscall.Flock(int(file.Fd()), syscall.LOCK_UN), file.Close())
	}
	return unlock, nil
}

func writePID(file *os.File) error {
	_, err := fmt.Fprintln(file, os.Getpid())
	return err
}

// oneName refuses a file with several hard links: each name would have a lock and a journal of its own, and SQLite
// would lose what is in the other one (sqlite.org/howtocorrupt.html, 2.5).
func oneName(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if at, ok := info.Sys().(*syscall.Stat_t); ok && at.Nlink > 1 {
		return fmt.Errorf("the file has %d names (hard links), and each would have a journal of its own; "+
			"remove the other names, or copy the file", at.Nlink)
	}
	return nil
}
