const R='/work/main/packages/';
const { useBackend } = await import(R+'backend/dist/index.js');
const { create, fuse, quantize } = await import(R+'zoo/dist/index.js');
const tf = await import('/work/main/node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js').then(m=>m.default??m).catch(()=>import('@tensorflow/tfjs-core'));
const name=process.argv[2]??'resnet50', threads=+(process.argv[3]??1), batch=+(process.argv[4]??1);
const b = await useBackend('wasm',{threads});
const net = create(name,{seed:1});
const [s,,c]=net.inputShape;
const T = await import('@tensorflow/tfjs-core').catch(()=>tf);
const x = T.randomNormal([batch,s,s,c],0,1,'float32',3);
const cal = T.randomNormal([2,s,s,c],0,1,'float32',4);
net.setTraining(false);
const f = fuse(net);
const q = (await quantize(net,{calibration:cal,method:'max'})).network;
const time = async (m)=>{ const t=performance.now(); const y=m.forward(x); y.dataSync(); const d=performance.now()-t; y.dispose(); return d; };
for(let i=0;i<5;i++){await time(f);await time(q);}
const A=[],B=[]; for(let i=0;i<25;i++){A.push(await time(f));B.push(await time(q));}
const st=(a)=>{a.sort((x,y)=>x-y);return `min ${a[0].toFixed(1)} med ${a[a.length>>1].toFixed(1)}`};
console.log(process.version,name,threads,batch,b.features.join(),'fp32',st(A),'int8',st(B),'ratio of min',(A[0]/B[0]).toFixed(2), b.memory());
process.exit(0)
