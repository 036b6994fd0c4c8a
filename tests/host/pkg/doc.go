// Package pkg is a stand-in for the module github.com/alibaba/ilogtail/pkg of LoongCollector, for machines without
// a checkout of it. It declares what the generated plugins and their tests use, with the signatures and the
// behaviour that all supported releases have in common, and nothing else: a template that starts to use more of
// the real module must add it here.
package pkg
