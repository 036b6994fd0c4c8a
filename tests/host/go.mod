module github.com/alibaba/ilogtail

go 1.19

require github.com/alibaba/ilogtail/pkg v0.0.0

replace github.com/alibaba/ilogtail/pkg => ./pkg
