# What a real supervisord makes of configurations.
# stdin: JSON list of {main, files: {relative path: text}}; stdout: JSON list of {error}, {crash} or {groups, warnings}.
import sys, json, os, tempfile, io, shutil
sys.path.insert(0, os.environ.get('SWARMKEEPER_SUPERVISOR') or '/usr/lib/python3/dist-packages')
import warnings; warnings.simplefilter('ignore')
from supervisor.options import ServerOptions
out = []
for case in json.load(sys.stdin):
    d = os.path.realpath(tempfile.mkdtemp())
    for name, text in {**case.get('files', {}), 'supervisord.conf': case['main']}.items():
        os.makedirs(os.path.dirname(os.path.join(d, name)), exist_ok=True)
        open(os.path.join(d, name), 'w', newline='').write(text)
    o = ServerOptions()
    o.environ_expansions = {'ENV_HOME': '/root'}
    o.configfile = os.path.join(d, 'supervisord.conf')
    try:
        o.here = d
        s = o.read_config(o.configfile)
        groups = [{'name': g.name, 'priority': g.priority, 'processes': [{
            'name': p.name, 'command': p.command, 'autostart': p.autostart, 'environment': p.environment,
            'startsecs': p.startsecs, 'exitcodes': p.exitcodes, 'stopsignal': int(p.stopsignal),
            'directory': p.directory,
            'stdout': p.stdout_logfile if isinstance(p.stdout_logfile, (str, type(None))) else 'auto',
            'stderr': p.stderr_logfile if isinstance(p.stderr_logfile, (str, type(None))) else 'auto',
        } for p in g.process_configs]} for g in s.process_group_configs]
        out.append({'groups': groups, 'warnings': [w for w in o.parse_warnings]})
    except ValueError as e:
        out.append({'error': str(e)})
    except Exception as e:
        out.append({'crash': type(e).__name__ + ': ' + str(e)})
    out[-1] = json.loads(json.dumps(out[-1]).replace(d, 'HERE'))
    shutil.rmtree(d)
json.dump(out, sys.stdout)
