package step

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/markdown"
)

// filesOn says which of the edits the files of a revision do not have yet. A file that cannot be read is answered, not
// broken: a person has to look.
func filesOn(ctx context.Context, gh FileStore, repo, ref string, edits []edit.Edit) (wrong []string,
	contents map[string][]byte, why string, err error) {
	contents = map[string][]byte{}
	if edits, err = expanded(ctx, gh, repo, ref, edits); err != nil {
		return nil, nil, "", err
	}
	for _, e := range edits {
		if _, read := contents[e.Path]; !read {
			content, found, err := gh.File(ctx, repo, e.Path, ref)
			if err != nil {
				return nil, nil, "", err
			}
			if !found {
				return nil, nil, "there is no " + markdown.Code(e.Path) + " on " + Revision(ref), nil
			}
			contents[e.Path] = content
		}
		have, err := e.Get(contents[e.Path])
		if err != nil {
			return nil, nil, markdown.Text(err.Error()), nil
		}
		if have != e.Value {
			wrong = append(wrong, markdown.Code(e.Path)+" says "+said(have))
		}
	}
	return wrong, contents, "", nil
}

// said is a value of a file in a sentence. One that is plain, such as a SHA, can be copied as it is.
func said(value string) string {
	if markdown.Plain(value) {
		return value
	}
	return markdown.Text(value)
}

// expanded gives each file that a pattern such as charts/*/Chart.yaml means an edit of its own.
func expanded(ctx context.Context, gh FileStore, repo, ref string, edits []edit.Edit) ([]edit.Edit, error) {
	if !slices.ContainsFunc(edits, func(e edit.Edit) bool { return strings.Contains(e.Path, "*") }) {
		return edits, nil
	}
	paths, err := gh.Paths(ctx, repo, ref)
	if err != nil {
		return nil, err
	}
	var out []edit.Edit
	for _, e := range edits {
		if !strings.Contains(e.Path, "*") {
			out = append(out, e)
			continue
		}
		for _, p := range paths {
			if hit, _ := path.Match(e.Path, p); hit {
				one := e
				one.Path = p
				out = append(out, one)
			}
		}
	}
	return out, nil
}

// FilesSay tells gates which of the edits the files of a revision do not have, or why they cannot be read.
func FilesSay(ctx context.Context, gh FileStore, repo, ref, text string) (wrong []string, why string, err error) {
	edits, err := edit.Parse(text)
	if err != nil {
		return nil, "", err
	}
	wrong, _, why, err = filesOn(ctx, gh, repo, ref, edits)
	return wrong, why, err
}
