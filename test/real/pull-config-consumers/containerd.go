package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	remote "github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/containerd/log"
	"github.com/sirupsen/logrus"
)

type host struct {
	URL                 string
	Pull, Resolve, Push bool
}

// containerd says which hosts containerd asks for images of a registry, the first first.
func containerd(arguments []string) (any, error) {
	complaints := listen()
	hosts, err := config.ConfigureHosts(context.Background(), config.HostOptions{
		HostDir: config.HostDirFromRoot(arguments[0]),
	})(arguments[1])
	if err != nil {
		return nil, err
	}
	found := []host{}
	for _, one := range hosts {
		found = append(found, host{
			URL:     one.Scheme + "://" + one.Host + one.Path,
			Pull:    one.Capabilities.Has(remote.HostCapabilityPull),
			Resolve: one.Capabilities.Has(remote.HostCapabilityResolve),
			Push:    one.Capabilities.Has(remote.HostCapabilityPush),
		})
	}
	return found, complaints.error()
}

// resolve has containerd look an image up, with every request sent to one registry, and says what was asked for.
func resolve(arguments []string) (any, error) {
	to, err := url.Parse(arguments[2])
	if err != nil {
		return nil, err
	}
	complaints := listen()
	detour := &detour{to: to}
	resolver := remote.NewResolver(remote.ResolverOptions{
		Hosts: config.ConfigureHosts(context.Background(), config.HostOptions{
			HostDir: config.HostDirFromRoot(arguments[0]),
			UpdateClient: func(client *http.Client) error {
				client.Transport = detour
				return nil
			},
		}),
	})
	_, descriptor, err := resolver.Resolve(context.Background(), arguments[1])
	if err != nil {
		return nil, fmt.Errorf("%w, after %v", err, detour.asked)
	}
	return map[string]any{"digest": descriptor.Digest, "asked": detour.asked}, complaints.error()
}

// A detour sends requests to one registry, whomever they were for.
type detour struct {
	to    *url.URL
	asked []string
}

func (d *detour) RoundTrip(request *http.Request) (*http.Response, error) {
	d.asked = append(d.asked, request.Method+" "+request.URL.String())
	sent := request.Clone(request.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = d.to.Scheme, d.to.Host, d.to.Host
	return http.DefaultTransport.RoundTrip(sent)
}

// containerd goes on without a file that it cannot read, and says so in its log alone.
type complaints struct{ lines []string }

func listen() *complaints {
	heard := &complaints{}
	log.L.Logger.AddHook(heard)
	return heard
}

func (c *complaints) Levels() []logrus.Level {
	return []logrus.Level{logrus.ErrorLevel, logrus.WarnLevel}
}

func (c *complaints) Fire(entry *logrus.Entry) error {
	c.lines = append(c.lines, fmt.Sprint(entry.Message, " ", entry.Data[logrus.ErrorKey]))
	return nil
}

func (c *complaints) error() error {
	if len(c.lines) == 0 {
		return nil
	}
	return fmt.Errorf("containerd complains: %v", c.lines)
}
