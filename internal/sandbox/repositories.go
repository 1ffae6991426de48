package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

// What an owner does to a whole repository, in its settings.

func (s *Server) repository(name string) (*repository, error) {
	if r := s.repos[strings.ToLower(name)]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("repository %s: %w", name, notFound())
}

// RenameRepository gives a repository another name; the old one leads to it.
func (s *Server) RenameRepository(repo, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(repo)
	if err != nil {
		return err
	}
	from := r.Name
	if err := s.move(r, r.Owner, name); err != nil {
		return err
	}
	s.emit(r, "repository", "renamed", s.adminOf(r.Owner), map[string]any{
		"changes": map[string]any{"repository": map[string]any{"name": map[string]any{"from": from}}},
	})
	return nil
}

// TransferRepository gives a repository to another organisation, in which the App may be installed or not.
func (s *Server) TransferRepository(repo, org string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(repo)
	if err != nil {
		return err
	}
	from, to := r.Owner, s.account(org, "Organization")
	if from == to {
		return fmt.Errorf("transfer %s to %s: it is there", repo, org)
	}
	sender := s.adminOf(from)
	s.reaches(r, "removed")
	if err := s.move(r, to, r.Name); err != nil {
		return err
	}
	r.Unselected = false
	s.reaches(r, "added")
	s.emit(r, "repository", "transferred", sender, map[string]any{
		"changes": map[string]any{
			"owner": map[string]any{"from": map[string]any{"organization": s.renderOrganization(from)}},
		},
	})
	return nil
}

// DeleteRepository takes a repository away for good.
func (s *Server) DeleteRepository(repo string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(repo)
	if err != nil {
		return err
	}
	s.emit(r, "repository", "deleted", s.adminOf(r.Owner), nil)
	delete(s.repos, strings.ToLower(r.full()))
	return r.Git.Close()
}

// move puts a repository under another owner and name, its files too.
func (s *Server) move(r *repository, owner *account, name string) error {
	old, fresh := strings.ToLower(r.full()), strings.ToLower(owner.Login+"/"+name)
	if s.repos[fresh] != nil && s.repos[fresh] != r {
		return fmt.Errorf("move %s to %s: that name is taken", old, fresh)
	}
	dir := gitrepo.Path(filepath.Join(s.o.Dir, "git"), owner.Login, name)
	if err := r.Git.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("move %s to %s: %w", old, fresh, err)
	}
	if err := os.Rename(r.Git.Dir, dir); err != nil {
		return fmt.Errorf("move %s to %s: %w", old, fresh, err)
	}
	r.Git, r.Owner, r.Name, r.Updated = gitrepo.Open(dir), owner, name, s.now()
	delete(s.repos, old)
	s.repos[fresh] = r
	s.moved[old] = r
	delete(s.moved, fresh)
	return nil
}
