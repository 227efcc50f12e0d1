// Command ggcr-registry serves go-containerregistry's registry, with its referrers API, for tests: on loopback, in plain
// http, anonymous, with blobs in the given folder and manifests in memory. It prints the address that it listens on.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: ggcr-registry FOLDER")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	log.Fatal(http.Serve(listener, registry.New(
		registry.WithReferrersSupport(true),
		registry.WithBlobHandler(blobs{folder: os.Args[1]}),
		registry.Logger(log.New(io.Discard, "", 0)),
	)))
}

// blobs has a folder for each repository. The library's own handlers share blobs among all of them, which would hide a
// blob that was never pushed.
type blobs struct{ folder string }

type disk interface {
	registry.BlobHandler
	registry.BlobStatHandler
	registry.BlobPutHandler
	registry.BlobDeleteHandler
}

func (b blobs) of(repo string) (disk, error) {
	// What an upload gives as its repository ends with the next element of the path.
	name := strings.TrimSuffix(repo, "/blobs")
	folder := filepath.Join(b.folder, "repository-"+url.PathEscape(name))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return registry.NewDiskBlobHandler(folder).(disk), nil
}

func (b blobs) Get(ctx context.Context, repo string, h v1.Hash) (io.ReadCloser, error) {
	blobs, err := b.of(repo)
	if err != nil {
		return nil, err
	}
	return blobs.Get(ctx, repo, h)
}

func (b blobs) Stat(ctx context.Context, repo string, h v1.Hash) (int64, error) {
	blobs, err := b.of(repo)
	if err != nil {
		return 0, err
	}
	return blobs.Stat(ctx, repo, h)
}

func (b blobs) Put(ctx context.Context, repo string, h v1.Hash, content io.ReadCloser) error {
	blobs, err := b.of(repo)
	if err != nil {
		return err
	}
	return blobs.Put(ctx, repo, h, content)
}

func (b blobs) Delete(ctx context.Context, repo string, h v1.Hash) error {
	blobs, err := b.of(repo)
	if err != nil {
		return err
	}
	return blobs.Delete(ctx, repo, h)
}
