package step

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Images looks for container images, and for whatever else lies in registries: Helm charts are there as well.
type Images interface {
	// Image is the digest of REGISTRY/NAME:TAG. found is false where the registry has none of that name.
	Image(ctx context.Context, reference string) (digest string, found bool, err error)
}

// MissingImages are those of the references that their registries do not have.
func MissingImages(ctx context.Context, registry Images, references []string) (missing []string, err error) {
	if registry == nil {
		return nil, errors.New("this server asks no registry")
	}
	for _, r := range references {
		_, found, err := registry.Image(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("look for the image %s: %w", r, err)
		}
		if !found {
			missing = append(missing, r)
		}
	}
	return missing, nil
}

// waitImages waits until registries have what a workflow pushes there. That the workflow succeeded does not say so: a job
// that was left out pushes nothing.
type waitImages struct{}

func (waitImages) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (waitImages) Observe(ctx context.Context, in Input) (Outcome, error) {
	all := lines(in.With["images"])
	if len(all) == 0 {
		return Outcome{}, errors.New("parameter images: it names none")
	}
	missing, err := MissingImages(ctx, in.Images, all)
	if err != nil {
		return Outcome{}, err
	}
	if len(missing) > 0 {
		return WaitFor(
			"`"+strings.Join(missing, "` and `")+"` in the registry", in.With["who"],
			"it looks again by itself; when nothing pushes them any more, `/release skip "+stepID(in)+" REASON` goes on without", time.Time{},
		), nil
	}
	text := fmt.Sprintf("%d images are there", len(all))
	if len(all) == 1 {
		text = all[0] + " is there"
	}
	return DoneWith(Receipt{Text: text}), nil
}

func (waitImages) Act(context.Context, Input) error { return nil }
