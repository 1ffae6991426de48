package gitrepo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// FileChange is one file of a difference, in GitHub's words: Status is added, modified, removed, renamed or changed (a
// file became a link). Previous is the path before a rename. SHA is the blob, for a removed file the one that it was.
// Patch begins at the first "@@" and is empty for binary files and bare renames, as on GitHub.
type FileChange struct {
	Path, Previous, Status, SHA string
	Additions, Deletions        int
	Patch                       string
}

// Diff lists the files in which two trees differ (revisions, or SHAs of trees), by path, with renames found as git
// finds them. For what a pull request shows, give the merge base as base. An empty base is the empty tree.
func (r *Repo) Diff(ctx context.Context, base, head string) ([]FileChange, error) {
	before, err := r.treeOrEmpty(ctx, base)
	if err != nil {
		return nil, fmt.Errorf("diff %s..%s: %w", base, head, err)
	}
	after, err := r.treeOrEmpty(ctx, head)
	if err != nil {
		return nil, fmt.Errorf("diff %s..%s: %w", base, head, err)
	}
	if before == after {
		return nil, nil
	}
	out, err := r.git(ctx, nil, "diff-tree", "-r", "-M", "--raw", "--numstat", "--patch", "--full-index", "-z",
		"--no-ext-diff", "--no-textconv", before, after)
	if err != nil {
		return nil, err
	}
	list, err := parseDiff(out)
	if err != nil {
		return nil, fmt.Errorf("diff %s..%s: %w", base, head, err)
	}
	return list, nil
}

func (r *Repo) treeOrEmpty(ctx context.Context, rev string) (string, error) {
	if rev == "" {
		return r.write("tree", nil)
	}
	return r.treeOf(ctx, rev)
}

// parseDiff reads what git prints, three lists in one order: raw records (":MODE MODE SHA SHA STATUS", path, and a
// second path of a rename), counts ("ADDED\tDELETED\tPATH", with two further paths of a rename), and patches.
func parseDiff(out string) ([]FileChange, error) {
	next := func() string {
		field, rest, _ := strings.Cut(out, "\x00")
		out = rest
		return field
	}
	var list []FileChange
	for strings.HasPrefix(out, ":") {
		meta := strings.Fields(next())
		if len(meta) != 5 {
			return nil, fmt.Errorf("git printed %q", meta)
		}
		f := FileChange{Path: next(), SHA: meta[3]}
		switch meta[4][0] {
		case 'A':
			f.Status = "added"
		case 'D':
			f.Status, f.SHA = "removed", meta[2]
		case 'R':
			f.Status, f.Previous, f.Path = "renamed", f.Path, next()
		case 'T':
			f.Status = "changed"
		default:
			f.Status = "modified"
		}
		list = append(list, f)
	}
	for i := range list {
		counts := strings.SplitN(next(), "\t", 3)
		if len(counts) != 3 {
			return nil, fmt.Errorf("git printed %q", counts)
		}
		// Of binary files both are "-", which counts as nothing.
		list[i].Additions, _ = strconv.Atoi(counts[0])
		list[i].Deletions, _ = strconv.Atoi(counts[1])
		if counts[2] == "" {
			next()
			next()
		}
	}
	out = strings.TrimPrefix(out, "\x00")
	for i := range list {
		list[i].Patch, out = cutPatch(out)
		if list[i].Status == "changed" { // shown as one file that goes and one that comes
			var second string
			second, out = cutPatch(out)
			list[i].Patch += "\n" + second
		}
	}
	return list, nil
}

// cutPatch takes the first file's part: lines of content begin with a space, + or -, so only a header begins with diff.
func cutPatch(patches string) (patch, rest string) {
	end := strings.Index(patches, "\ndiff --git ")
	if end < 0 {
		end = len(patches)
	} else {
		rest = patches[end+1:]
	}
	own := patches[:end]
	if start := strings.Index(own, "\n@@ "); start >= 0 {
		patch = strings.TrimSuffix(own[start+1:], "\n")
	}
	return patch, rest
}
