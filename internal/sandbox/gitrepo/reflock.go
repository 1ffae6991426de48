package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// SetRef sets a reference by its full name, if it still is at old; an empty old means that it must not exist. Whoever
// comes second gets ErrExists, ErrNotFound (it is gone) or ErrConflict (it is elsewhere), also when git is the other
// writer: both hold NAME.lock while they look and write. Whether the move is a fast-forward is the caller's question.
func (r *Repo) SetRef(ctx context.Context, name, sha, old string) error {
	if !validRef(name) {
		return fmt.Errorf("set %s: name: %w", name, ErrInvalid)
	}
	kind, err := r.kindOf(ctx, sha)
	switch {
	case err != nil:
		return fmt.Errorf("set %s: %w", name, err)
	case kind == "":
		return fmt.Errorf("set %s: object %s: %w", name, sha, ErrNotFound)
	case kind != "commit" && strings.HasPrefix(name, "refs/heads/"):
		return fmt.Errorf("set %s: %s is a %s, a branch needs a commit: %w", name, sha, kind, ErrInvalid)
	}
	lock, err := r.lockRef(ctx, name)
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	defer lock.release()
	if err := lock.expect(old); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	if old == "" {
		if err := r.roomFor(name); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	if err := lock.commit(sha); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

// DeleteRef deletes a reference, wherever it is.
func (r *Repo) DeleteRef(ctx context.Context, name string) error {
	sha, err := r.readRef(name)
	if err == nil && sha == "" {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return r.DeleteRefAt(ctx, name, sha)
}

// DeleteRefAt deletes a reference if it still is at old; else ErrNotFound or ErrConflict.
func (r *Repo) DeleteRefAt(ctx context.Context, name, old string) error {
	if err := r.deleteRef(ctx, name, old); err != nil {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	// Git, too, leaves refs/heads and removes what lies empty below, so that a branch "release" can follow "release/1".
	for dir := path.Dir(name); strings.Count(dir, "/") > 1; dir = path.Dir(dir) {
		if os.Remove(r.refFile(dir)) != nil {
			break
		}
	}
	return nil //nolint:nilerr // a folder that is not empty ends the tidying
}

func (r *Repo) deleteRef(ctx context.Context, name, old string) error {
	if !validRef(name) || old == "" {
		return ErrInvalid
	}
	lock, err := r.lockRef(ctx, name)
	if err != nil {
		return err
	}
	defer lock.release()
	if err := lock.expect(old); err != nil {
		return err
	}
	packed, err := r.packedRefs()
	if err != nil {
		return err
	}
	if packed[name] != "" {
		// The list of packed references has a lock of its own: git's part. It takes this one itself.
		lock.release()
		_, err := r.git(ctx, nil, "update-ref", "-d", name, old)
		if exited(err) != 0 {
			return errors.Join(ErrConflict, err)
		}
		return err
	}
	return os.Remove(r.refFile(name))
}

// roomFor refuses a name that lies below another reference, or has one below it: references are files and folders.
func (r *Repo) roomFor(name string) error {
	packed, err := r.packedRefs()
	if err != nil {
		return err
	}
	for other := range packed {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
			if sha, err := r.readRef(other); err != nil || sha != "" {
				return errors.Join(err, fmt.Errorf("%s %w", other, ErrExists))
			}
		}
	}
	file := r.refFile(name)
	if info, err := os.Stat(file); err != nil || !info.IsDir() {
		return nil //nolint:nilerr // a reference that is not there is no obstacle
	}
	if err := removeEmpty(file); err != nil {
		return fmt.Errorf("references below it: %w", ErrExists)
	}
	return nil
}

// removeEmpty removes a folder in which there is no file.
func removeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeEmpty(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(dir)
}

// refLock is the file NAME.lock: who made it may change the reference.
type refLock struct {
	r    *Repo
	name string
	file *os.File // nil once released
}

// lockTimeout is how long to wait for another writer, as git's core.packedRefsTimeout. Nobody holds a lock for longer
// than some milliseconds, unless it was killed.
const lockTimeout = time.Second

func (r *Repo) lockRef(ctx context.Context, name string) (*refLock, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lockTimeout,
		fmt.Errorf("%s.lock is held by another writer: %w", name, ErrConflict))
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		file, err := createLock(r.refFile(name) + ".lock")
		switch {
		case err == nil:
			return &refLock{r, name, file}, nil
		case errors.Is(err, syscall.ENOTDIR):
			return nil, fmt.Errorf("a reference above it %w", ErrExists)
		// Held, or another writer just removed the folder, empty, before the lock was in it.
		case !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-again.C:
		}
	}
}

func createLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// expect compares the reference with what the caller saw.
func (l *refLock) expect(old string) error {
	now, err := l.r.readRef(l.name)
	switch {
	case err != nil:
		return err
	case now == old:
		return nil
	case old == "":
		return fmt.Errorf("at %s: %w", now, ErrExists)
	case now == "":
		return ErrNotFound
	}
	return fmt.Errorf("at %s and not at %s: %w", now, old, ErrConflict)
}

// commit makes the lock the reference.
func (l *refLock) commit(sha string) error {
	_, err := l.file.WriteString(sha + "\n")
	err = errors.Join(err, l.file.Close())
	lock := l.file.Name()
	l.file = nil
	if err == nil {
		err = os.Rename(lock, l.r.refFile(l.name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(lock))
	}
	return nil
}

// release gives the lock up, if it is still held.
func (l *refLock) release() {
	if l.file != nil {
		_ = l.file.Close()
		_ = os.Remove(l.file.Name())
		l.file = nil
	}
}
