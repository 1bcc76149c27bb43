'use strict';
// Draws the charts of the report from the JSON beside it. Colours come from the style sheet, so light and dark agree.
(() => {
  const data = JSON.parse(document.getElementById('charts').textContent);
  const root = document.documentElement;
  const LIGHT = ['#1f6f78', '#d1732a', '#5b5fb5', '#a93f6b', '#5f8a2c', '#b8911a', '#3d86c6', '#8a6350', '#6d7683'];
  const DARK = ['#6cc3c8', '#f0a062', '#9ea2ee', '#e58bb0', '#a5cf72', '#e3c155', '#7fbdf0', '#c9a08c', '#aab4c0'];
  const drawn = new Map();
  const logarithmic = new Set();
  let printing = false;

  const dark = () => !printing && (root.dataset.theme
    ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  const style = name => getComputedStyle(root).getPropertyValue(name).trim();
  const brief = n => {
    const a = Math.abs(n);
    if (a >= 1e9) return +(n / 1e9).toPrecision(3) + 'B';
    if (a >= 1e6) return +(n / 1e6).toPrecision(3) + 'M';
    if (a >= 1e4) return +(n / 1e3).toPrecision(3) + 'k';
    if (a !== 0 && a < 1e-3) return n.toExponential(1);
    return String(+n.toPrecision(4));
  };
  const withUnit = unit => n => n == null ? '' : brief(n) + (unit ? ' ' + unit : '');
  const narrow = element => element.clientWidth < 560;

  function frame(element) {
    return {
      color: dark() ? DARK : LIGHT,
      animation: false,
      textStyle: {fontFamily: getComputedStyle(document.body).fontFamily, color: style('--soft')},
      grid: {left: 8, right: narrow(element) ? 14 : 24, top: 52, bottom: 30, containLabel: true},
      tooltip: {
        trigger: 'axis', confine: true, backgroundColor: style('--card'), borderColor: style('--line'),
        textStyle: {color: style('--ink'), fontSize: 13}
      },
      legend: {type: 'scroll', top: 4, left: 4, right: 4, itemWidth: 14, itemHeight: 9, icon: 'roundRect',
        textStyle: {color: style('--soft'), fontSize: 12}, pageTextStyle: {color: style('--soft')},
        pageIconColor: style('--accent'), pageIconInactiveColor: style('--line')}
    };
  }
  const valueAxis = (extra = {}) => ({
    type: 'value', axisLabel: {color: style('--soft'), formatter: brief, hideOverlap: true},
    splitLine: {lineStyle: {color: style('--line')}}, axisLine: {show: false}, axisTick: {show: false}, ...extra
  });
  const nameAxis = (names, extra = {}) => ({
    type: 'category', data: names, axisLine: {lineStyle: {color: style('--line')}}, axisTick: {show: false},
    axisLabel: {color: style('--soft'), interval: 0, hideOverlap: false, ...extra}
  });

  // One line per phase on one axis; each phase has its shade and its name above it, where there is room for the name.
  function lines(chart, element, id) {
    const end = Math.max(...chart.shades.map(s => s.to));
    const width = element.clientWidth - 80;
    const fits = s => (s.to - s.from) / end * width > s.name.length * 6.5;
    const option = frame(element);
    const log = logarithmic.has(id);
    const allFit = chart.shades.every(fits);
    option.legend.show = !allFit;
    option.grid.top = allFit ? 30 : 62;
    option.tooltip.valueFormatter = withUnit(chart.unit);
    option.tooltip.axisPointer = {label: {formatter: p => brief(p.value) + ' ' + chart.x}};
    option.xAxis = valueAxis({max: end, splitLine: {show: false},
      axisLabel: {color: style('--soft'), formatter: brief, hideOverlap: true, showMaxLabel: chart.x === 'steps'}, name: chart.x, nameLocation: 'end', nameGap: 4,
      nameTextStyle: {color: style('--soft'), align: 'right', verticalAlign: 'top', padding: [24, 0, 0, 0]}});
    option.grid.bottom = 34;
    option.yAxis = valueAxis({type: log ? 'log' : 'value', scale: chart.scale});
    option.series = chart.series.map(s => {
      const at = chart.shades.findIndex(shade => shade.name === s.name);
      return {name: s.name, type: 'line', data: s.points, showSymbol: s.points.length < 3, symbolSize: 5,
        sampling: 'lttb', lineStyle: {width: 1.8}, color: option.color[at % option.color.length],
        markArea: {silent: true, data: [[{name: fits(chart.shades[at]) ? s.name : '', xAxis: chart.shades[at].from},
          {xAxis: chart.shades[at].to}]],
          itemStyle: {color: at % 2 ? 'transparent' : style('--ink'), opacity: .045},
          label: {position: 'top', distance: 5, color: style('--soft'), fontSize: 11}}};
    });
    return option;
  }

  // Groups side by side with whiskers from low to high; points are [name, value, low, high] or [name] alone.
  function intervals(chart, element) {
    const option = frame(element);
    const count = chart.series.length;
    option.tooltip.axisPointer = {type: 'shadow'};
    option.tooltip.valueFormatter = v => v == null || Array.isArray(v) ? '' : v.toFixed(1) + ' %';
    option.xAxis = nameAxis(chart.names, {rotate: narrow(element) && chart.names.length > 4 ? 40 : 0,
      width: Math.max(50, (element.clientWidth - 60) / chart.names.length - 6),
      overflow: narrow(element) ? 'none' : 'break'});
    option.yAxis = valueAxis({min: 0, max: 100, axisLabel: {color: style('--soft'), formatter: '{value} %'}});
    option.series = chart.series.map(s => ({name: s.name, type: 'bar', barGap: '12%', barCategoryGap: '28%', barMaxWidth: 30,
      itemStyle: {borderRadius: [3, 3, 0, 0]}, data: s.points.map(p => p.length > 1 ? p[1] : null)}));
    chart.series.forEach((s, at) => option.series.push({
      name: s.name, type: 'custom', silent: true, tooltip: {show: false}, z: 10, itemStyle: {color: style('--ink')},
      data: s.points.map((p, i) => p.length > 3 ? [i, p[2], p[3]] : null).filter(p => p !== null),
      encode: {x: 0, y: [1, 2]},
      renderItem: (params, api) => {
        const slot = api.barLayout({count, barGap: '12%', barCategoryGap: '28%', barMaxWidth: 30})[at];
        const [middle, low] = api.coord([api.value(0), api.value(1)]);
        const high = api.coord([api.value(0), api.value(2)])[1];
        const x = middle + slot.offsetCenter;
        const arm = Math.min(5, slot.width / 3);
        const stroke = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2},
          style: {stroke: style('--ink'), lineWidth: 1.3, opacity: .8}});
        return {type: 'group', children: [stroke(x, low, x, high), stroke(x - arm, low, x + arm, low),
          stroke(x - arm, high, x + arm, high)]};
      }
    }));
    option.legend.data = chart.series.map(s => s.name);
    return option;
  }

  // One line per category over named stages.
  function steps(chart, element) {
    const option = frame(element);
    option.tooltip.valueFormatter = withUnit(chart.unit);
    option.xAxis = nameAxis(chart.names, {rotate: chart.names.length > 6 && narrow(element) ? 45 : 0});
    option.yAxis = valueAxis({scale: true});
    option.grid.right = 34;
    option.grid.left = 20;
    option.series = chart.series.map(s => ({name: s.name, type: 'line', data: s.points, symbol: 'circle', symbolSize: 6,
      lineStyle: {width: 1.8}}));
    return option;
  }

  function bars(chart, element) {
    element.style.height = Math.max(160, chart.names.length * 26 + 40) + 'px';
    const option = frame(element);
    const longest = Math.max(...chart.names.map(name => name.length));
    const left = Math.min(longest * 7 + 14, element.clientWidth * .38);
    option.grid = {left, right: 82, top: 8, bottom: 8};
    option.legend.show = false;
    option.tooltip.axisPointer = {type: 'shadow'};
    option.tooltip.valueFormatter = withUnit(chart.unit);
    option.yAxis = {...nameAxis(chart.names, {color: style('--ink'), width: left - 12,
      overflow: 'truncate'}), inverse: true};
    option.xAxis = valueAxis({axisLabel: {show: false}, splitLine: {show: false}});
    option.series = [{type: 'bar', data: chart.values, barMaxWidth: 16, itemStyle: {borderRadius: [0, 3, 3, 0]},
      label: {show: true, position: 'right', color: style('--soft'), formatter: p => chart.labels ? chart.labels[p.dataIndex]
        : withUnit(chart.unit)(p.value)}}];
    return option;
  }

  // A source may have the name of a category: an invisible mark per column keeps the two apart.
  function sankey(chart, element) {
    const mark = depth => '\u200b'.repeat(depth);
    const nodes = new Map();
    const links = chart.links.map(l => {
      const source = l.from + mark(l.depth);
      const target = l.to + mark(l.depth + 1);
      nodes.set(source, l.depth).set(target, l.depth + 1);
      return {source, target, value: l.value};
    });
    const columns = [...nodes.values()].reduce((n, d) => (n[d] = (n[d] || 0) + 1, n), []);
    const last = columns.length - 1;
    element.style.height = Math.max(300, Math.max(...columns) * 30) + 'px';
    const option = frame(element);
    delete option.legend;
    delete option.grid;
    option.tooltip.trigger = 'item';
    option.tooltip.valueFormatter = n => Number(n).toLocaleString('en') + ' documents';
    const cut = narrow(element) ? 84 : 170;
    const colour = name => name.startsWith('kept') ? style('--good') : undefined;
    option.series = [{type: 'sankey', left: 4, right: cut, top: 8, bottom: 8, nodeGap: 10, nodeWidth: 12,
      emphasis: {focus: 'adjacency'}, nodeAlign: 'left', draggable: false, layoutIterations: 64,
      data: [...nodes].map(([name, depth]) => ({name, depth, itemStyle: {color: colour(name), borderWidth: 0},
        label: {width: depth === last ? cut - 12 : (element.clientWidth - cut) / last - 24}})),
      links, lineStyle: {color: 'source', opacity: dark() ? .32 : .24, curveness: .5},
      label: {color: style('--ink'), fontSize: narrow(element) ? 10 : 12, overflow: 'truncate', textBorderWidth: 0}}];
    return option;
  }

  const KINDS = {lines, intervals, steps, bars, sankey};

  function draw(id) {
    const element = document.getElementById('chart-' + id);
    const option = KINDS[data[id].kind](data[id], element, id);
    let chart = drawn.get(id);
    if (!chart) {
      chart = echarts.init(element, null, {renderer: 'svg'});
      drawn.set(id, chart);
    }
    chart.resize();
    chart.setOption(option, true);
  }
  const drawAll = () => Object.keys(data).forEach(draw);

  function button(text, parent, action) {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.addEventListener('click', () => action(made));
    parent.append(made);
  }

  for (const [id, chart] of Object.entries(data))
    if (chart.log)
      button('logarithmic', document.getElementById('chart-' + id).parentElement.querySelector('figcaption'), made => {
        made.textContent = logarithmic.delete(id) ? 'logarithmic' : (logarithmic.add(id), 'linear');
        draw(id);
      });

  // Where the clipboard is closed to a page from disk, the text is selected for the reader to copy.
  for (const box of document.querySelectorAll('.copy'))
    button('copy', box, async made => {
      const text = box.querySelector('pre');
      try {
        await navigator.clipboard.writeText(text.textContent);
        made.textContent = 'copied';
      } catch {
        getSelection().selectAllChildren(text);
        made.textContent = 'selected';
      }
    });

  document.getElementById('theme').addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    drawAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  addEventListener('beforeprint', () => {
    printing = true;
    root.dataset.before = root.dataset.theme || '';
    root.dataset.theme = 'light';
    drawAll();
  });
  addEventListener('afterprint', () => {
    printing = false;
    if (root.dataset.before) root.dataset.theme = root.dataset.before; else delete root.dataset.theme;
    drawAll();
  });
  let waiting;
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(drawAll);
  });
  drawAll();
})();
